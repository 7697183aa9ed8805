SELECT
  pipeline,
  source,
  CAST(COUNT(*) AS Nullable(Int64)) AS builds,
  CAST(SUM(jobs) AS Nullable(Int64)) AS jobs,
  CAST(SUM(results) AS Nullable(Int64)) AS results,
  CAST(SUM(causes) AS Nullable(Int64)) AS causes,
  MIN(created_at) AS oldest,
  MAX(created_at) AS newest,
  MAX(ingested_at) AS last_ingested_at
FROM builds
GROUP BY
  pipeline,
  source
ORDER BY
  pipeline,
  source
