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
), spot AS MATERIALIZED (
  SELECT
    ingest_id,
    created_at
  FROM wanted
), noted AS (
  SELECT
    ingest_id,
    job_id,
    variant,
    shard,
    dead,
    silent
  FROM (
    SELECT
      j.ingest_id AS ingest_id,
      j.job_id AS job_id,
      j.variant AS variant,
      COALESCE(j.shard, -1) AS shard,
      NOT (
        j.infra IS NULL
      )
      OR COALESCE(j.tests_run >= 5 AND j.tests_failed * 10 > j.tests_run * 8, FALSE) AS dead,
      j.infra IS NULL
      AND j.listing <> 'all'
      AND (
        j.state IN ('ok', 'flaky')
        OR (
          j.listing = 'failed' AND j.complete AND j.state IN ('fail', 'unknown')
        )
      ) AS silent
    FROM jobs AS j
    INNER JOIN spot AS s
      ON s.ingest_id = j.ingest_id
  ) AS said
  WHERE
    dead OR silent
)
SELECT
  r.test_id AS test_id,
  r.variant AS variant,
  r.signature AS signature,
  CAST(COUNT(*) AS Nullable(Int64)) AS failures,
  CAST(SUM(r.duration_s) AS Nullable(Float64)) AS lost_s,
  MIN(s.created_at) AS first_failed_at,
  MAX(s.created_at) AS last_failed_at
FROM results AS r
INNER JOIN spot AS s
  ON s.ingest_id = r.ingest_id
LEFT JOIN noted AS m
  ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
WHERE
  NOT (
    r.outcome IN ('passed', 'xpassed', 'skipped', 'xfailed')
  )
  AND NOT COALESCE(m.dead, FALSE)
GROUP BY
  r.test_id,
  r.variant,
  r.signature
ORDER BY
  test_id,
  variant NULLS FIRST,
  signature
