-- $pipeline VARCHAR, $branch VARCHAR, $since TIMESTAMPTZ, $until TIMESTAMPTZ, $message VARCHAR, $newest BIGINT
WITH wanted AS (
    -- include wanted
)
SELECT
    build_id, source, pipeline, number, url, branch, sha, title, author, state,
    created_at, ordered_at
FROM wanted
ORDER BY ordered_at, length(number), number, build_id
