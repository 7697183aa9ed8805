variants AS (
    SELECT
        variant,
        CAST(row_number() OVER (ORDER BY variant) AS INTEGER) AS v
    FROM (
        SELECT DISTINCT j.variant AS variant
        FROM jobs AS j
        INNER JOIN spot AS s ON s.ingest_id = j.ingest_id
    ) AS there
),
rows_of_silent AS (
    SELECT
        f.t AS t, s.n AS n, r.variant AS variant, coalesce(r.shard, -1) AS shard,
        CASE WHEN m.silent THEN 1 ELSE 0 END AS told
    FROM results AS r
    INNER JOIN (SELECT DISTINCT variant FROM noted WHERE silent) AS v
        ON v.variant = r.variant
    INNER JOIN numbered AS f ON f.test_id = r.test_id
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    LEFT JOIN noted AS m ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
),
homes AS (
    SELECT DISTINCT t, variant, shard FROM rows_of_silent
),
silent_jobs AS (
    SELECT ingest_id, variant, shard, count(*) AS jobs
    FROM noted
    WHERE silent
    GROUP BY ingest_id, variant, shard
),
silence AS (
    SELECT t, n, variant, shard, 1 AS seen, 0 - told AS jobs FROM rows_of_silent
    UNION ALL
    SELECT
        h.t AS t, s.n AS n, h.variant AS variant, h.shard AS shard, 0 AS seen,
        q.jobs AS jobs
    FROM homes AS h
    INNER JOIN silent_jobs AS q ON q.variant = h.variant AND q.shard = h.shard
    INNER JOIN spot AS s ON s.ingest_id = q.ingest_id
),
silent_shards AS (
    SELECT
        t, n, variant, max(seen) AS there,
        CASE WHEN sum(jobs) > 0 THEN 1 ELSE 0 END AS good
    FROM silence
    GROUP BY t, n, variant, shard
),
inferred AS (
    SELECT
        t, n, variant,
        CASE WHEN max(there) = 1 THEN max(there * good) ELSE min(good) END AS passed
    FROM silent_shards
    GROUP BY t, n, variant
),
signs AS (
    SELECT
        f.t AS t, s.n AS n, r.variant AS variant,
        CASE
            WHEN r.outcome IN ('passed', 'xpassed') THEN 1
            WHEN r.outcome IN ('skipped', 'xfailed') THEN 0
            WHEN r.outcome = 'rerun' AND m.dead THEN 5
            WHEN r.outcome = 'rerun' THEN 3
            WHEN m.dead THEN 4
            ELSE 2
        END + CASE WHEN r.attempts > 1 THEN 24 ELSE 8 END AS said,
        CASE WHEN r.outcome = 'passed' THEN r.duration_s END AS seconds
    FROM results AS r
    INNER JOIN numbered AS f ON f.test_id = r.test_id
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    LEFT JOIN noted AS m ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
    UNION ALL
    SELECT t, n, variant, passed AS said, NULL AS seconds FROM inferred
)
