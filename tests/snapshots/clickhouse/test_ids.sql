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
  test_id,
  CAST(COUNT(*) AS Nullable(Int64)) AS runs
FROM results
WHERE
  ingest_id IN (
    SELECT
      ingest_id
    FROM wanted
  )
  AND (
    {like: Nullable(String)} IS NULL
    OR POSITION(lowerUTF8(test_id), lowerUTF8({like: Nullable(String)})) > 0
  )
GROUP BY
  test_id
ORDER BY
  test_id
LIMIT COALESCE({most: Nullable(Int64)}, 9223372036854775807)
