-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $test_id VARCHAR
WITH wanted AS (
    -- include wanted
)
SELECT
    build_id, job_id, name, variant, state, shard, attempt, last, soft_failed, infra,
    listing, complete, tests_run, tests_failed, host, url, log
FROM jobs
WHERE
    ingest_id IN (SELECT ingest_id FROM wanted)
    AND variant IN (SELECT variant FROM results WHERE test_id = $test_id)
ORDER BY build_id, variant, job_id, attempt
