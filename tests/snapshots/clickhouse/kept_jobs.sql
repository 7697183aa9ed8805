SELECT
  j.build_id AS build_id,
  j.job_id AS job_id,
  j.name AS name,
  j.state AS state,
  j.listing AS listing,
  j.log AS log
FROM jobs AS j
INNER JOIN builds AS b
  ON b.ingest_id = j.ingest_id
WHERE
  b.source = {source: Nullable(String)}
  AND b.pipeline = {pipeline: Nullable(String)}
  AND (
    {since: Nullable(DateTime64(6, 'UTC'))} IS NULL
    OR b.created_at >= {since: Nullable(DateTime64(6, 'UTC'))}
  )
  AND (
    j.state IN ('fail', 'timed_out', 'startup_failure')
    OR (
      {passed: Nullable(Bool)} AND j.state IN ('ok', 'flaky')
    )
  )
ORDER BY
  build_id,
  name,
  job_id
