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
  created_at,
  ordered_at
FROM builds
WHERE
  (
    {pipeline: Nullable(String)} IS NULL OR pipeline = {pipeline: Nullable(String)}
  )
  AND (
    {branch: Nullable(String)} IS NULL OR branch = {branch: Nullable(String)}
  )
  AND (
    build_id = {named: Nullable(String)}
    OR number = {named: Nullable(String)}
    OR url = {named: Nullable(String)}
    OR (
      CHAR_LENGTH({named: Nullable(String)}) >= 7
      AND startsWith(sha, {named: Nullable(String)})
    )
  )
ORDER BY
  ordered_at DESC,
  CHAR_LENGTH(number) DESC,
  number DESC,
  build_id DESC
LIMIT COALESCE({most: Nullable(Int64)}, 9223372036854775807)
