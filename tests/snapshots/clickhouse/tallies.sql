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
), placed AS MATERIALIZED (
  SELECT
    ingest_id,
    CAST(ROW_NUMBER() OVER (ORDER BY ordered_at, CHAR_LENGTH(number), number, build_id) AS Nullable(Int32)) AS n,
    CASE WHEN sha = '' THEN build_id ELSE sha END AS change
  FROM wanted
), changed AS (
  SELECT
    change,
    MIN(n) AS c
  FROM placed
  GROUP BY
    change
), spot AS MATERIALIZED (
  SELECT
    p.ingest_id AS ingest_id,
    p.n AS n,
    m.c AS c
  FROM placed AS p
  INNER JOIN changed AS m
    ON m.change = p.change
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
), failed AS (
  SELECT
    r.test_id AS test_id,
    toInt64(COUNT(*)) AS times
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
    r.test_id
  ORDER BY
    times DESC,
    test_id
  LIMIT COALESCE({most: Nullable(Int64)}, 9223372036854775807)
), numbered AS MATERIALIZED (
  SELECT
    test_id,
    CAST(ROW_NUMBER() OVER (ORDER BY test_id) AS Nullable(Int32)) AS t
  FROM failed
), variants AS (
  SELECT
    variant,
    CAST(ROW_NUMBER() OVER (ORDER BY variant) AS Nullable(Int32)) AS v
  FROM (
    SELECT DISTINCT
      j.variant AS variant
    FROM jobs AS j
    INNER JOIN spot AS s
      ON s.ingest_id = j.ingest_id
  ) AS there
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
    CASE
      WHEN r.outcome IN ('passed', 'xpassed')
      THEN 1
      WHEN r.outcome IN ('skipped', 'xfailed')
      THEN 0
      WHEN r.outcome = 'rerun' AND m.dead
      THEN 5
      WHEN r.outcome = 'rerun'
      THEN 3
      WHEN m.dead
      THEN 4
      ELSE 2
    END + CASE WHEN r.attempts > 1 THEN 24 ELSE 8 END AS said,
    CASE WHEN r.outcome = 'passed' THEN r.duration_s END AS seconds
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
    passed AS said,
    NULL AS seconds
  FROM inferred
)
SELECT
  CAST(NULL AS Nullable(String)) AS test_id,
  x.t AS t,
  s.n AS n,
  s.c AS c,
  COALESCE(v.v, 0) AS v,
  CAST(x.said AS Nullable(Int32)) AS said
FROM signs AS x
INNER JOIN spot AS s
  ON s.n = x.n
LEFT JOIN variants AS v
  ON v.variant = x.variant
UNION ALL
SELECT
  test_id,
  t,
  0 AS n,
  0 AS c,
  0 AS v,
  0 AS said
FROM numbered
