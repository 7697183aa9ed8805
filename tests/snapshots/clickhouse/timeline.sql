WITH wanted AS (
  SELECT
    build_id,
    ingest_id,
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
      {since: Nullable(DateTime64(6, 'UTC'))} IS NULL
      OR created_at >= {since: Nullable(DateTime64(6, 'UTC'))}
    )
    AND (
      {until: Nullable(DateTime64(6, 'UTC'))} IS NULL
      OR created_at <= {until: Nullable(DateTime64(6, 'UTC'))}
    )
    AND (
      {message: Nullable(String)} IS NULL
      OR match(title, CONCAT('(?-s)', {message: Nullable(String)}))
    )
  ORDER BY
    ordered_at DESC,
    CHAR_LENGTH(number) DESC,
    number DESC,
    build_id DESC
  LIMIT COALESCE({newest: Nullable(Int64)}, 9223372036854775807)
)
SELECT
  build_id,
  job_id,
  outcome,
  variant,
  shard,
  attempts,
  duration_s,
  signature,
  exception,
  message,
  line
FROM results
WHERE
  test_id = {test_id: Nullable(String)}
  AND ingest_id IN (
    SELECT
      ingest_id
    FROM wanted
  )
ORDER BY
  ordered_at,
  build_id,
  variant,
  job_id,
  outcome
