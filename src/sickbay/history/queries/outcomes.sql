-- $base VARCHAR[], $new VARCHAR[]
WITH spot AS (
    SELECT
        ingest_id,
        CAST(row_number() OVER (ORDER BY build_id) AS INTEGER) AS n,
        CASE WHEN list_contains($base, build_id) THEN 1 ELSE 0 END
        + CASE WHEN list_contains($new, build_id) THEN 2 ELSE 0 END AS side
    FROM builds
    WHERE list_contains($base, build_id) OR list_contains($new, build_id)
),
noted AS (
    -- include noted
),
seen AS (
    SELECT r.test_id AS test_id
    FROM results AS r
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    GROUP BY r.test_id
),
numbered AS (
    SELECT test_id, CAST(row_number() OVER (ORDER BY test_id) AS INTEGER) AS t
    FROM seen
),
-- include signs
SELECT
    CAST(NULL AS VARCHAR) AS test_id, x.t AS t, s.n AS n, s.side AS side,
    coalesce(v.v, 0) AS v, CAST(x.said AS INTEGER) AS said, x.seconds AS seconds
FROM signs AS x
INNER JOIN spot AS s ON s.n = x.n
LEFT JOIN variants AS v ON v.variant = x.variant
UNION ALL
SELECT
    test_id, t, 0 AS n, 0 AS side, 0 AS v, 0 AS said, CAST(NULL AS FLOAT) AS seconds
FROM numbered
