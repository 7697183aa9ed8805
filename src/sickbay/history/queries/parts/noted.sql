    SELECT ingest_id, job_id, variant, shard, dead, silent
    FROM (
        SELECT
            j.ingest_id AS ingest_id, j.job_id AS job_id, j.variant AS variant,
            coalesce(j.shard, -1) AS shard,
            j.infra IS NOT NULL
            OR coalesce(j.tests_run >= 5 AND j.tests_failed * 10 > j.tests_run * 8, false)
                AS dead,
            j.infra IS NULL
            AND j.listing <> 'all'
            AND (j.state IN ('ok', 'flaky') OR (
                j.listing = 'failed' AND j.complete AND j.state IN ('fail', 'unknown')
            )) AS silent
        FROM jobs AS j
        INNER JOIN spot AS s ON s.ingest_id = j.ingest_id
    ) AS said
    WHERE dead OR silent
