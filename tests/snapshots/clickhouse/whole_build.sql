SELECT
  build_id,
  source,
  pipeline,
  number,
  url,
  branch,
  sha,
  title,
  author,
  state,
  pull_request,
  created_at,
  committed_at,
  finished_at,
  missing
FROM builds
WHERE
  build_id = {build_id: Nullable(String)}
ORDER BY
  build_id
