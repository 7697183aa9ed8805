    SELECT
        build_id, ingest_id, source, pipeline, number, url, branch, sha, title, author,
        state, created_at, ordered_at
    FROM builds
    WHERE
        ($pipeline IS NULL OR pipeline = $pipeline)
        AND ($branch IS NULL OR branch = $branch)
        AND ($since IS NULL OR created_at >= $since)
        AND ($until IS NULL OR created_at <= $until)
        AND ($message IS NULL OR regexp_matches(title, $message))
    ORDER BY ordered_at DESC, length(number) DESC, number DESC, build_id DESC
    LIMIT $newest
