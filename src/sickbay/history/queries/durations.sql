-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $most BIGINT
WITH wanted AS (
    -- include wanted
),
timed AS (
    SELECT
        r.test_id AS test_id, r.variant AS variant, r.build_id AS build_id,
        r.duration_s AS seconds
    FROM results AS r
    WHERE
        r.ingest_id IN (SELECT ingest_id FROM wanted)
        AND r.outcome = 'passed'
        AND r.duration_s IS NOT NULL
),
series AS (
    SELECT
        test_id, variant,
        CAST(
            round(var_pop(CAST(seconds AS DOUBLE)) * count(*) * 1000) AS BIGINT
        ) AS spread
    FROM timed
    GROUP BY test_id, variant
    HAVING count(*) > 3
    ORDER BY spread DESC, test_id, variant
    LIMIT $most
)
SELECT
    s.test_id AS test_id, s.variant AS variant, t.build_id AS build_id,
    CAST(t.seconds AS DOUBLE) AS seconds
FROM timed AS t
INNER JOIN series AS s ON s.test_id = t.test_id AND s.variant = t.variant
ORDER BY test_id, variant, build_id, seconds
