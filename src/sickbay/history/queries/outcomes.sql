-- $base VARCHAR[], $new VARCHAR[]
WITH spot AS (
    SELECT
        ingest_id,
        row_number() OVER (ORDER BY build_id) AS n,
        list_contains($base, build_id) AS in_base,
        list_contains($new, build_id) AS in_new
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
    SELECT test_id, row_number() OVER (ORDER BY test_id) AS t FROM seen
),
-- include cells
,
sides AS (
    SELECT n, false AS new FROM spot WHERE in_base
    UNION ALL
    SELECT n, true AS new FROM spot WHERE in_new
),
states AS (
    SELECT
        t, n, sum(pass + fail) > 0 AS decided, max(fail - pass) = 1 AS broken,
        max(fail * pass) = 1 AS mixed, max(infra) = 1 AS died
    FROM cells
    GROUP BY t, n
),
judged AS (
    SELECT
        x.t AS t, s.new AS new,
        count(*) FILTER (WHERE x.decided) AS builds,
        count(*) FILTER (WHERE x.broken) AS failed,
        count(*) FILTER (WHERE x.mixed AND NOT x.broken) AS flaky,
        count(*) FILTER (WHERE x.died AND NOT x.decided) AS infra
    FROM states AS x
    INNER JOIN sides AS s ON s.n = x.n
    GROUP BY x.t, s.new
),
timed AS (
    SELECT
        f.t AS t, d.new AS new,
        count(*) AS times,
        sum(ln(CAST(r.duration_s AS DOUBLE))) AS logs,
        sum(pow(ln(CAST(r.duration_s AS DOUBLE)), 2)) AS squares
    FROM results AS r
    INNER JOIN numbered AS f ON f.test_id = r.test_id
    INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
    INNER JOIN sides AS d ON d.n = s.n
    WHERE r.outcome = 'passed' AND r.duration_s >= 0.001
    GROUP BY f.t, d.new
)
SELECT
    f.test_id AS test_id,
    j.new AS new,
    CAST(j.builds AS BIGINT) AS builds,
    CAST(j.failed AS BIGINT) AS failed,
    CAST(j.flaky AS BIGINT) AS flaky,
    CAST(j.infra AS BIGINT) AS infra,
    CAST(coalesce(d.times, 0) AS BIGINT) AS timed,
    CAST(coalesce(d.logs, 0) AS DOUBLE) AS logs,
    CAST(coalesce(d.squares, 0) AS DOUBLE) AS squares
FROM judged AS j
INNER JOIN numbered AS f ON f.t = j.t
LEFT JOIN timed AS d ON d.t = j.t AND d.new = j.new
WHERE j.builds + j.infra > 0
ORDER BY test_id, new
