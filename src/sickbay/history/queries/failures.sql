-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT
WITH wanted AS (
    -- include wanted
),
dead AS (
    -- include dead
)
SELECT
    r.test_id AS test_id,
    r.variant AS variant,
    r.signature AS signature,
    CAST(count(*) AS BIGINT) AS failures,
    CAST(sum(r.duration_s) AS DOUBLE) AS lost_s,
    min(w.created_at) AS first_failed_at,
    max(w.created_at) AS last_failed_at
FROM results AS r
INNER JOIN wanted AS w ON w.ingest_id = r.ingest_id
LEFT JOIN dead AS d ON d.ingest_id = r.ingest_id AND d.job_id = r.job_id
WHERE
    r.outcome IN ('failed', 'error', 'crashed', 'timed_out', 'rerun')
    AND d.job_id IS NULL
GROUP BY r.test_id, r.variant, r.signature
ORDER BY test_id, variant, signature
