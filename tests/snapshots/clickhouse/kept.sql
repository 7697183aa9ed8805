SELECT
  build_id,
  state,
  finished_at
FROM builds
WHERE
  source = {source: Nullable(String)}
  AND pipeline = {pipeline: Nullable(String)}
  AND (
    {since: Nullable(DateTime64(6, 'UTC'))} IS NULL
    OR created_at >= {since: Nullable(DateTime64(6, 'UTC'))}
  )
ORDER BY
  build_id
