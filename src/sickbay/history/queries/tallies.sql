-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $most BIGINT
WITH wanted AS (
    -- include wanted
),
placed AS (
    SELECT
        ingest_id,
        row_number() OVER (ORDER BY ordered_at, length(number), number, build_id) AS n,
        CASE WHEN sha = '' THEN build_id ELSE sha END AS change
    FROM wanted
),
changed AS (
    SELECT change, min(n) AS c, count(*) AS times FROM placed GROUP BY change
),
spot AS (
    SELECT p.ingest_id AS ingest_id, p.n AS n, m.c AS c, m.times AS times
    FROM placed AS p
    INNER JOIN changed AS m ON m.change = p.change
),
noted AS (
    -- include noted
),
failed AS (
    SELECT r.test_id AS test_id, count(*) AS times
    FROM results AS r
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    LEFT JOIN noted AS m ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
    WHERE
        r.outcome NOT IN ('passed', 'xpassed', 'skipped', 'xfailed')
        AND NOT coalesce(m.dead, false)
    GROUP BY r.test_id
    ORDER BY times DESC, test_id
    LIMIT $most
),
numbered AS (
    SELECT test_id, row_number() OVER (ORDER BY test_id) AS t FROM failed
),
-- include cells
,
pairs AS (
    SELECT x.t AS t, max(x.fail) + max(x.pass) > 1 AS split
    FROM cells AS x
    INNER JOIN spot AS s ON s.n = x.n
    WHERE
        x.fail + x.pass > 0
        AND (s.times > 1 OR x.tries > 1 OR x.fail + x.pass > 1)
    GROUP BY x.t, s.c, x.variant
    HAVING count(*) > 1 OR max(x.tries) > 1 OR max(x.fail + x.pass) > 1
),
paired AS (
    SELECT t, count(*) AS pairs, count(*) FILTER (WHERE split) AS split_pairs
    FROM pairs
    GROUP BY t
),
states AS (
    SELECT
        t, n, sum(pass) AS passes, sum(fail) AS failures, max(fail - pass) AS broken
    FROM cells
    WHERE fail + pass > 0
    GROUP BY t, n
),
course AS (
    SELECT
        t, passes, failures, CASE WHEN broken = 1 THEN 1 ELSE 0 END AS broken_now,
        row_number() OVER (PARTITION BY t ORDER BY n) AS nth,
        max(CASE WHEN broken = 1 THEN 1 ELSE 0 END) OVER (
            PARTITION BY t ORDER BY n ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING
        ) AS broken_before
    FROM states
),
counted AS (
    SELECT
        t,
        count(*) AS builds,
        count(*) FILTER (WHERE failures > 0) AS failed_builds,
        sum(passes) AS good,
        sum(failures) AS bad,
        count(*) FILTER (WHERE nth > 1 AND broken_now <> broken_before) AS transitions
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
