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
    MIN(n) AS c,
    toInt64(COUNT(*)) AS times
  FROM placed
  GROUP BY
    change
), spot AS MATERIALIZED (
  SELECT
    p.ingest_id AS ingest_id,
    p.n AS n,
    m.c AS c,
    m.times AS times
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
), cells AS MATERIALIZED (
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
), commits AS (
  SELECT
    n,
    c
  FROM spot
  WHERE
    times > 1
), pairs AS (
  SELECT
    x.t AS t,
    MAX(x.fail) + MAX(x.pass) > 1 AS split
  FROM cells AS x
  LEFT JOIN commits AS s
    ON s.n = x.n
  WHERE
    x.fail + x.pass > 0
    AND (
      NOT (
        s.c IS NULL
      ) OR x.repeated OR x.fail + x.pass > 1
    )
  GROUP BY
    x.t,
    COALESCE(s.c, x.n),
    x.variant
  HAVING
    toInt64(COUNT(*)) > 1
    OR MAX(CASE WHEN x.repeated THEN 1 ELSE 0 END) = 1
    OR MAX(x.fail + x.pass) > 1
), paired AS (
  SELECT
    t,
    toInt64(COUNT(*)) AS pairs,
    toInt64(COUNT(*) FILTER(WHERE
      split)) AS split_pairs
  FROM pairs
  GROUP BY
    t
), states AS (
  SELECT
    t,
    n,
    toInt64(COUNT(*) FILTER(WHERE
      pass = 1)) AS passes,
    toInt64(COUNT(*) FILTER(WHERE
      fail = 1)) AS failures,
    MAX(CASE WHEN fail > pass THEN 1 ELSE 0 END) AS broken
  FROM cells
  WHERE
    fail + pass > 0
  GROUP BY
    t,
    n
), course AS (
  SELECT
    t,
    passes,
    failures,
    broken,
    toInt64(ROW_NUMBER() OVER (PARTITION BY t ORDER BY n)) AS nth,
    MAX(broken) OVER (PARTITION BY t ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS broken_before
  FROM states
), counted AS (
  SELECT
    t,
    toInt64(COUNT(*)) AS builds,
    toInt64(COUNT(*) FILTER(WHERE
      failures > 0)) AS failed_builds,
    SUM(passes) AS good,
    SUM(failures) AS bad,
    toInt64(COUNT(*) FILTER(WHERE
      nth > 1 AND broken <> broken_before)) AS transitions
  FROM course
  GROUP BY
    t
)
SELECT
  f.test_id AS test_id,
  CAST(k.builds AS Nullable(Int64)) AS builds,
  CAST(k.failed_builds AS Nullable(Int64)) AS failed_builds,
  CAST(k.good AS Nullable(Int64)) AS passes,
  CAST(k.bad AS Nullable(Int64)) AS failures,
  CAST(COALESCE(p.pairs, 0) AS Nullable(Int64)) AS pairs,
  CAST(COALESCE(p.split_pairs, 0) AS Nullable(Int64)) AS split_pairs,
  CAST(k.transitions AS Nullable(Int64)) AS transitions
FROM numbered AS f
INNER JOIN counted AS k
  ON k.t = f.t
LEFT JOIN paired AS p
  ON p.t = f.t
ORDER BY
  failed_builds DESC,
  test_id
