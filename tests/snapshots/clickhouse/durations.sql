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
), timed AS MATERIALIZED (
  SELECT
    r.test_id AS test_id,
    r.variant AS variant,
    r.build_id AS build_id,
    r.duration_s AS seconds
  FROM results AS r
  WHERE
    r.ingest_id IN (
      SELECT
        ingest_id
      FROM wanted
    )
    AND r.outcome = 'passed'
    AND NOT (
      r.duration_s IS NULL
    )
), series AS (
  SELECT
    test_id,
    variant,
    CAST((
      (
        SIGN(varPopStable(CAST(seconds AS Nullable(Float64))) * toInt64(COUNT(*)) * 1000) * FLOOR(
          (
            ABS(varPopStable(CAST(seconds AS Nullable(Float64))) * toInt64(COUNT(*)) * 1000) * (
              POWER(10, 0)
            )
          ) + 0.5
        )
      ) / (
        POWER(10, 0)
      )
    ) AS Nullable(Int64)) AS spread
  FROM timed
  GROUP BY
    test_id,
    variant
  HAVING
    toInt64(COUNT(*)) > 3
  ORDER BY
    spread DESC,
    test_id,
    variant
  LIMIT COALESCE({most: Nullable(Int64)}, 9223372036854775807)
)
SELECT
  s.test_id AS test_id,
  s.variant AS variant,
  t.build_id AS build_id,
  CAST(t.seconds AS Nullable(Float64)) AS seconds
FROM timed AS t
INNER JOIN series AS s
  ON s.test_id = t.test_id AND s.variant = t.variant
ORDER BY
  test_id,
  variant,
  build_id,
  seconds
