    SELECT ingest_id, job_id
    FROM jobs
    WHERE infra IS NOT NULL OR (tests_run >= 5 AND tests_failed * 10 > tests_run * 8)
