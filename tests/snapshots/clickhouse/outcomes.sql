WITH spot AS MATERIALIZED (
  SELECT
    ingest_id,
    CAST(ROW_NUMBER() OVER (ORDER BY build_id) AS Nullable(Int32)) AS n,
    has({base: Array(Nullable(String))}, build_id) AS in_base,
    has({new: Array(Nullable(String))}, build_id) AS in_new
  FROM builds
  WHERE
    has({base: Array(Nullable(String))}, build_id)
    OR has({new: Array(Nullable(String))}, build_id)
), noted AS MATERIALIZED (
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
), seen AS (
  SELECT
    r.test_id AS test_id
  FROM results AS r
  INNER JOIN spot AS s
    ON s.ingest_id = r.ingest_id
  GROUP BY
    r.test_id
), numbered AS MATERIALIZED (
  SELECT
    test_id,
    CAST(ROW_NUMBER() OVER (ORDER BY test_id) AS Nullable(Int32)) AS t
  FROM seen
), rows_of_silent AS MATERIALIZED (
  SELECT
    f.t AS t,
    s.n AS n,
    r.variant AS variant,
    COALESCE(r.shard, -1) AS shard,
    CASE WHEN m.silent THEN 1 ELSE 0 END AS told
  FROM results AS r
  INNER JOIN (
    SELECT DISTINCT
      variant
    FROM noted
    WHERE
      silent
  ) AS v
    ON v.variant = r.variant
  INNER JOIN numbered AS f
    ON f.test_id = r.test_id
  INNER JOIN spot AS s
    ON s.ingest_id = r.ingest_id
  LEFT JOIN noted AS m
    ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
), homes AS (
  SELECT DISTINCT
    t,
    variant,
    shard
  FROM rows_of_silent
), silent_jobs AS (
  SELECT
    ingest_id,
    variant,
    shard,
    toInt64(COUNT(*)) AS jobs
  FROM noted
  WHERE
    silent
  GROUP BY
    ingest_id,
    variant,
    shard
), silence AS (
  SELECT
    t,
    n,
    variant,
    shard,
    1 AS seen,
    0 - told AS jobs
  FROM rows_of_silent
  UNION ALL
  SELECT
    h.t AS t,
    s.n AS n,
    h.variant AS variant,
    h.shard AS shard,
    0 AS seen,
    q.jobs AS jobs
  FROM homes AS h
  INNER JOIN silent_jobs AS q
    ON q.variant = h.variant AND q.shard = h.shard
  INNER JOIN spot AS s
    ON s.ingest_id = q.ingest_id
), silent_shards AS (
  SELECT
    t,
    n,
    variant,
    MAX(seen) AS there,
    CASE WHEN SUM(jobs) > 0 THEN 1 ELSE 0 END AS good
  FROM silence
  GROUP BY
    t,
    n,
    variant,
    shard
), inferred AS (
  SELECT
    t,
    n,
    variant,
    CASE WHEN MAX(there) = 1 THEN MAX(there * good) ELSE MIN(good) END AS passed
  FROM silent_shards
  GROUP BY
    t,
    n,
    variant
), signs AS (
  SELECT
    f.t AS t,
    s.n AS n,
    r.variant AS variant,
    CASE WHEN r.outcome IN ('passed', 'xpassed', 'rerun') THEN 1 ELSE 0 END AS good,
    CASE
      WHEN r.outcome IN ('passed', 'xpassed', 'skipped', 'xfailed')
      THEN 0
      WHEN m.dead
      THEN 0
      ELSE 1
    END AS bad,
    CASE
      WHEN r.outcome IN ('passed', 'xpassed', 'skipped', 'xfailed')
      THEN 0
      WHEN m.dead
      THEN 1
      ELSE 0
    END AS lost,
    r.attempts AS times
  FROM results AS r
  INNER JOIN numbered AS f
    ON f.test_id = r.test_id
  INNER JOIN spot AS s
    ON s.ingest_id = r.ingest_id
  LEFT JOIN noted AS m
    ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
  UNION ALL
  SELECT
    t,
    n,
    variant,
    passed AS good,
    0 AS bad,
    0 AS lost,
    NULL AS times
  FROM inferred
), cells AS (
  SELECT
    t,
    n,
    variant,
    MAX(good) AS pass,
    MAX(bad) AS fail,
    MAX(lost) AS infra,
    toInt64(COUNT(times)) > 1 OR COALESCE(MAX(times), 0) > 1 AS repeated
  FROM signs
  GROUP BY
    t,
    n,
    variant
), sides AS MATERIALIZED (
  SELECT
    n,
    FALSE AS new
  FROM spot
  WHERE
    in_base
  UNION ALL
  SELECT
    n,
    TRUE AS new
  FROM spot
  WHERE
    in_new
), states AS (
  SELECT
    t,
    n,
    SUM(pass + fail) > 0 AS decided,
    MAX(fail - pass) = 1 AS broken,
    MAX(fail * pass) = 1 AS mixed,
    MAX(infra) = 1 AS died
  FROM cells
  GROUP BY
    t,
    n
), judged AS (
  SELECT
    x.t AS t,
    s.new AS new,
    toInt64(COUNT(*) FILTER(WHERE
      x.decided)) AS builds,
    toInt64(COUNT(*) FILTER(WHERE
      x.broken)) AS failed,
    toInt64(COUNT(*) FILTER(WHERE
      x.mixed AND NOT x.broken)) AS flaky,
    toInt64(COUNT(*) FILTER(WHERE
      x.died AND NOT x.decided)) AS infra
  FROM states AS x
  INNER JOIN sides AS s
    ON s.n = x.n
  GROUP BY
    x.t,
    s.new
), timed AS (
  SELECT
    f.t AS t,
    d.new AS new,
    toInt64(COUNT(*)) AS times,
    SUM(LN(CAST(r.duration_s AS Nullable(Float64)))) AS logs,
    SUM(POWER(LN(CAST(r.duration_s AS Nullable(Float64))), 2)) AS squares
  FROM results AS r
  INNER JOIN numbered AS f
    ON f.test_id = r.test_id
  INNER JOIN spot AS s
    ON s.ingest_id = r.ingest_id
  INNER JOIN sides AS d
    ON d.n = s.n
  WHERE
    r.outcome = 'passed' AND r.duration_s >= 0.001
  GROUP BY
    f.t,
    d.new
)
SELECT
  f.test_id AS test_id,
  j.new AS new,
  CAST(j.builds AS Nullable(Int64)) AS builds,
  CAST(j.failed AS Nullable(Int64)) AS failed,
  CAST(j.flaky AS Nullable(Int64)) AS flaky,
  CAST(j.infra AS Nullable(Int64)) AS infra,
  CAST(COALESCE(d.times, 0) AS Nullable(Int64)) AS timed,
  CAST(COALESCE(d.logs, 0) AS Nullable(Float64)) AS logs,
  CAST(COALESCE(d.squares, 0) AS Nullable(Float64)) AS squares
FROM judged AS j
INNER JOIN numbered AS f
  ON f.t = j.t
LEFT JOIN timed AS d
  ON d.t = j.t AND d.new = j.new
WHERE
  j.builds + j.infra > 0
ORDER BY
  test_id,
  new
