-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT
WITH wanted AS (
    -- include wanted
),
spot AS (
    SELECT ingest_id, created_at FROM wanted
),
noted AS (
    -- include noted
)
SELECT
    r.test_id AS test_id,
    r.variant AS variant,
    r.signature AS signature,
    CAST(count(*) AS BIGINT) AS failures,
    CAST(sum(r.duration_s) AS DOUBLE) AS lost_s,
    min(s.created_at) AS first_failed_at,
    max(s.created_at) AS last_failed_at
FROM results AS r
INNER JOIN spot AS s ON s.ingest_id = r.ingest_id
LEFT JOIN noted AS m ON m.ingest_id = r.ingest_id AND m.job_id = r.job_id
WHERE
    r.outcome NOT IN ('passed', 'xpassed', 'skipped', 'xfailed')
    AND NOT coalesce(m.dead, false)
GROUP BY r.test_id, r.variant, r.signature
ORDER BY test_id, variant NULLS FIRST, signature
