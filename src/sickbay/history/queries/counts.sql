-- no parameters
SELECT
    pipeline,
    source,
    CAST(count(*) AS BIGINT) AS builds,
    CAST(sum(jobs) AS BIGINT) AS jobs,
    CAST(sum(results) AS BIGINT) AS results,
    CAST(sum(causes) AS BIGINT) AS causes,
    min(created_at) AS oldest,
    max(created_at) AS newest,
    max(ingested_at) AS last_ingested_at
FROM builds
GROUP BY pipeline, source
ORDER BY pipeline, source
