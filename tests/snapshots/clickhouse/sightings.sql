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
  c.build_id AS build_id,
  c.cause_id AS cause_id,
  c.job_id AS job_id,
  c.text AS text,
  j.variant AS variant,
  j.name AS job_name,
  c.signature AS signature,
  c.test_id AS test_id,
  c.category AS category,
  c.trouble AS trouble,
  c.confidence AS confidence,
  c.excerpt AS excerpt,
  c.line AS line,
  j.log AS log,
  j.url AS job_url
FROM causes AS c
LEFT JOIN jobs AS j
  ON j.ingest_id = c.ingest_id AND j.job_id = c.job_id
WHERE
  c.ingest_id IN (
    SELECT
      ingest_id
    FROM wanted
  )
  AND (
    {test_id: Nullable(String)} IS NULL OR c.test_id = {test_id: Nullable(String)}
  )
ORDER BY
  c.ordered_at,
  c.build_id,
  c.job_id,
  c.line NULLS FIRST,
  c.cause_id,
  c.test_id NULLS FIRST,
  c.signature
