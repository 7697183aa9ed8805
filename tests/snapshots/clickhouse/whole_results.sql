SELECT
  test_id,
  job_id,
  outcome,
  attempts,
  duration_s,
  signature,
  exception,
  message,
  line
FROM results
WHERE
  build_id = {build_id: Nullable(String)}
ORDER BY
  job_id,
  test_id,
  outcome,
  line NULLS FIRST
