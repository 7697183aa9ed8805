-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $like VARCHAR, $most BIGINT
WITH wanted AS (
    -- include wanted
)
SELECT test_id, CAST(count(*) AS BIGINT) AS runs
FROM results
WHERE
    ingest_id IN (SELECT ingest_id FROM wanted)
    AND ($like IS NULL OR contains(lower(test_id), lower($like)))
GROUP BY test_id
ORDER BY test_id
LIMIT $most
