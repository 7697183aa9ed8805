SELECT
  cause_id,
  signature,
  job_id,
  test_id,
  category,
  trouble,
  confidence,
  text,
  excerpt,
  line
FROM causes
WHERE
  build_id = {build_id: Nullable(String)}
ORDER BY
  job_id,
  cause_id,
  test_id NULLS FIRST,
  line NULLS FIRST
