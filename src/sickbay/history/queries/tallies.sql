-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $most BIGINT
WITH wanted AS (
    -- include wanted
),
placed AS (
    SELECT
        ingest_id,
        CAST(row_number() OVER (
            ORDER BY ordered_at, length(number), number, build_id
        ) AS INTEGER) AS n,
        CASE WHEN sha = '' THEN build_id ELSE sha END AS change
    FROM wanted
),
changed AS (
    SELECT change, min(n) AS c FROM placed GROUP BY change
),
spot AS (
    SELECT p.ingest_id AS ingest_id, p.n AS n, m.c AS c
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
    SELECT test_id, CAST(row_number() OVER (ORDER BY test_id) AS INTEGER) AS t
    FROM failed
),
-- include signs
SELECT
    CAST(NULL AS VARCHAR) AS test_id, x.t AS t, s.n AS n, s.c AS c,
    coalesce(v.v, 0) AS v, CAST(x.said AS INTEGER) AS said
FROM signs AS x
INNER JOIN spot AS s ON s.n = x.n
LEFT JOIN variants AS v ON v.variant = x.variant
UNION ALL
SELECT test_id, t, 0 AS n, 0 AS c, 0 AS v, 0 AS said FROM numbered
