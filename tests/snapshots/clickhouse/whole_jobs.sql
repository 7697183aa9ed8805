SELECT
  job_id,
  name,
  variant,
  shard,
  attempt,
  last,
  state,
  soft_failed,
  exit_status,
  signal,
  infra,
  listing,
  complete,
  tests_run,
  tests_failed,
  started_at,
  duration_s,
  queue_s,
  host,
  runner,
  url,
  log
FROM jobs
WHERE
  build_id = {build_id: Nullable(String)}
ORDER BY
  variant,
  shard NULLS FIRST,
  attempt,
  job_id
