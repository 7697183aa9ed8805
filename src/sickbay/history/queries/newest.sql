-- no parameters
SELECT CAST(count(*) AS BIGINT) AS builds, max(ingest_id) AS ingest_id FROM builds
