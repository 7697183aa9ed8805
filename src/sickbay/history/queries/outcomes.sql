-- $build_ids VARCHAR[]
WITH chosen AS (
    SELECT ingest_id FROM builds WHERE list_contains($build_ids, build_id)
),
dead AS (
    -- include dead
),
runs AS (
    SELECT
        r.test_id AS test_id, r.ingest_id AS ingest_id, r.variant AS variant,
        count(*) FILTER (WHERE d.job_id IS NOT NULL) AS lost,
        count(*) FILTER (
            WHERE d.job_id IS NULL AND r.outcome IN ('passed', 'xpassed', 'rerun')
        ) AS good,
        count(*) FILTER (
            WHERE d.job_id IS NULL AND r.outcome NOT IN ('passed', 'xpassed')
        ) AS bad,
        count(*) FILTER (WHERE r.outcome = 'passed' AND r.duration_s >= 0.001) AS timed,
        sum(ln(greatest(CAST(r.duration_s AS DOUBLE), 0.001))) FILTER (
            WHERE r.outcome = 'passed' AND r.duration_s >= 0.001
        ) AS logs,
        sum(pow(ln(greatest(CAST(r.duration_s AS DOUBLE), 0.001)), 2)) FILTER (
            WHERE r.outcome = 'passed' AND r.duration_s >= 0.001
        ) AS squares
    FROM results AS r
    INNER JOIN chosen AS b ON b.ingest_id = r.ingest_id
    LEFT JOIN dead AS d ON d.ingest_id = r.ingest_id AND d.job_id = r.job_id
    WHERE r.outcome NOT IN ('skipped', 'xfailed')
    GROUP BY r.test_id, r.ingest_id, r.variant
),
states AS (
    SELECT
        test_id,
        sum(good) + sum(bad) > 0 AS decided,
        sum(lost) > 0 AS died,
        max(CASE WHEN good = 0 AND bad > 0 THEN 1 ELSE 0 END) = 1 AS broken,
        max(CASE WHEN good > 0 AND bad > 0 THEN 1 ELSE 0 END) = 1 AS mixed,
        sum(timed) AS times,
        sum(logs) AS log_sum,
        sum(squares) AS square_sum
    FROM runs
    GROUP BY test_id, ingest_id
)
SELECT
    test_id,
    CAST(count(*) FILTER (WHERE decided) AS BIGINT) AS builds,
    CAST(count(*) FILTER (WHERE broken) AS BIGINT) AS failed,
    CAST(count(*) FILTER (WHERE mixed AND NOT broken) AS BIGINT) AS flaky,
    CAST(count(*) FILTER (WHERE died AND NOT decided) AS BIGINT) AS infra,
    CAST(sum(times) AS BIGINT) AS timed,
    CAST(coalesce(sum(log_sum), 0) AS DOUBLE) AS logs,
    CAST(coalesce(sum(square_sum), 0) AS DOUBLE) AS squares
FROM states
GROUP BY test_id
ORDER BY test_id
