-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $most BIGINT
WITH wanted AS (
    -- include wanted
),
dead AS (
    -- include dead
),
place AS (
    SELECT
        ingest_id,
        row_number() OVER (ORDER BY ordered_at, length(number), number, build_id) AS n,
        CASE WHEN sha = '' THEN build_id ELSE sha END AS change
    FROM wanted
),
changed AS (
    SELECT change, min(n) AS c, count(*) AS builds FROM place GROUP BY change
),
spot AS (
    SELECT p.ingest_id AS ingest_id, p.n AS n, m.c AS c, m.builds > 1 AS again
    FROM place AS p
    INNER JOIN changed AS m ON m.change = p.change
),
failed AS (
    SELECT r.test_id AS test_id, count(*) AS failures
    FROM results AS r
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    LEFT JOIN dead AS d ON d.ingest_id = r.ingest_id AND d.job_id = r.job_id
    WHERE
        r.outcome IN ('failed', 'error', 'crashed', 'timed_out', 'rerun')
        AND d.job_id IS NULL
    GROUP BY r.test_id
    ORDER BY failures DESC, test_id
    LIMIT $most
),
numbered AS (
    SELECT test_id, row_number() OVER (ORDER BY test_id) AS t FROM failed
),
runs AS (
    SELECT
        f.t AS t, s.n AS n, s.c AS c, s.again AS again, r.variant AS variant,
        count(*) AS runs,
        count(*) FILTER (WHERE r.outcome IN ('passed', 'xpassed', 'rerun')) AS good,
        count(*) FILTER (WHERE r.outcome NOT IN ('passed', 'xpassed')) AS bad,
        count(*) FILTER (WHERE r.attempts > 1) AS repeats
    FROM results AS r
    INNER JOIN numbered AS f ON f.test_id = r.test_id
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    LEFT JOIN dead AS d ON d.ingest_id = r.ingest_id AND d.job_id = r.job_id
    WHERE r.outcome NOT IN ('skipped', 'xfailed') AND d.job_id IS NULL
    GROUP BY f.t, s.n, s.c, s.again, r.variant
),
pairs AS (
    SELECT t, sum(good) > 0 AND sum(bad) > 0 AS split
    FROM runs
    WHERE again OR runs > 1 OR repeats > 0
    GROUP BY t, c, variant
    HAVING sum(runs) + sum(repeats) > 1
),
paired AS (
    SELECT t, count(*) AS pairs, count(*) FILTER (WHERE split) AS split_pairs
    FROM pairs
    GROUP BY t
),
states AS (
    SELECT
        t, n, sum(good) AS passes, sum(bad) AS failures,
        max(CASE WHEN good = 0 THEN 1 ELSE 0 END) AS broken
    FROM runs
    GROUP BY t, n
),
course AS (
    SELECT
        t, passes, failures, broken,
        row_number() OVER (PARTITION BY t ORDER BY n) AS nth,
        sum(broken) OVER (
            PARTITION BY t ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING
        ) AS earlier
    FROM states
),
counted AS (
    SELECT
        t,
        count(*) AS builds,
        count(*) FILTER (WHERE failures > 0) AS failed_builds,
        sum(passes) AS good,
        sum(failures) AS bad,
        count(*) FILTER (WHERE nth > 1 AND broken <> earlier) AS transitions
    FROM course
    GROUP BY t
)
SELECT
    f.test_id AS test_id,
    CAST(k.builds AS BIGINT) AS builds,
    CAST(k.failed_builds AS BIGINT) AS failed_builds,
    CAST(k.good AS BIGINT) AS passes,
    CAST(k.bad AS BIGINT) AS failures,
    CAST(coalesce(p.pairs, 0) AS BIGINT) AS pairs,
    CAST(coalesce(p.split_pairs, 0) AS BIGINT) AS split_pairs,
    CAST(k.transitions AS BIGINT) AS transitions
FROM numbered AS f
INNER JOIN counted AS k ON k.t = f.t
LEFT JOIN paired AS p ON p.t = f.t
ORDER BY failed_builds DESC, test_id
