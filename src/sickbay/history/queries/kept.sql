-- $source VARCHAR, $pipeline VARCHAR, $since TIMESTAMPTZ
SELECT build_id, state, finished_at
FROM builds
WHERE
    source = $source
    AND pipeline = $pipeline
    AND ($since IS NULL OR created_at >= $since)
ORDER BY build_id
