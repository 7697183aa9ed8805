-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT, $test_id VARCHAR
WITH wanted AS (
    -- include wanted
)
SELECT
    c.build_id AS build_id, c.cause_id AS cause_id, c.job_id AS job_id, c.text AS text,
    j.variant AS variant, j.name AS job_name, c.signature AS signature,
    c.test_id AS test_id, c.category AS category, c.trouble AS trouble,
    c.confidence AS confidence, c.excerpt AS excerpt, c.line AS line, j.log AS log,
    j.url AS job_url
FROM causes AS c
LEFT JOIN jobs AS j ON j.ingest_id = c.ingest_id AND j.job_id = c.job_id
WHERE
    c.ingest_id IN (SELECT ingest_id FROM wanted)
    AND ($test_id IS NULL OR c.test_id = $test_id)
ORDER BY
    c.ordered_at, c.build_id, c.job_id, c.line NULLS FIRST, c.cause_id,
    c.test_id NULLS FIRST, c.signature
