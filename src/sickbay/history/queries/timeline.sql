-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $test_id VARCHAR
WITH wanted AS (
    -- include wanted
)
SELECT
    build_id, job_id, outcome, variant, shard, attempts, duration_s, signature,
    exception, message, line
FROM results
WHERE test_id = $test_id AND ingest_id IN (SELECT ingest_id FROM wanted)
ORDER BY ordered_at, build_id, variant, job_id, outcome
