SELECT
  CAST(COUNT(*) AS Nullable(Int64)) AS builds,
  MAX(ingest_id) AS ingest_id
FROM builds
