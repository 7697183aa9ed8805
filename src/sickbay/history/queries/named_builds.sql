-- $named VARCHAR, $pipeline VARCHAR, $branch VARCHAR, $most BIGINT
SELECT
    build_id, source, pipeline, number, url, branch, sha, title, author, state,
    created_at, ordered_at
FROM builds
WHERE
    ($pipeline IS NULL OR pipeline = $pipeline)
    AND ($branch IS NULL OR branch = $branch)
    AND (
        build_id = $named
        OR number = $named
        OR url = $named
        OR (length($named) >= 7 AND starts_with(sha, $named))
    )
ORDER BY ordered_at DESC, length(number) DESC, number DESC, build_id DESC
LIMIT $most
