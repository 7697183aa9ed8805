"""The tables of a history: the same columns in every engine."""

from __future__ import annotations

import pyarrow as pa

VERSION = 1
"""Goes up with every change; a store of an earlier version is migrated."""

_TIME = pa.timestamp("us", tz="UTC")

_KEY = (pa.field("build_id", pa.string()), pa.field("ingest_id", pa.int64()))
"""Every row says which ingestion of which build it is of."""

BUILDS = pa.schema(
    [
        *_KEY,
        ("source", pa.string()),
        ("pipeline", pa.string()),
        ("number", pa.string()),
        ("url", pa.string()),
        ("branch", pa.string()),
        ("sha", pa.string()),
        ("title", pa.string()),
        ("author", pa.string()),
        ("state", pa.string()),
        ("pull_request", pa.int64()),
        ("created_at", _TIME),
        ("committed_at", _TIME),
        ("finished_at", _TIME),
        ("ordered_at", _TIME),
        ("ingested_at", _TIME),
        ("jobs", pa.int32()),
        ("results", pa.int32()),
        ("causes", pa.int32()),
        ("missing", pa.string()),
    ]
)
"""One row for each ingestion of a build: written last, it makes the rest count."""

JOBS = pa.schema(
    [
        *_KEY,
        ("job_id", pa.string()),
        ("name", pa.string()),
        ("variant", pa.string()),
        ("shard", pa.int32()),
        ("attempt", pa.int32()),
        ("last", pa.bool_()),
        ("state", pa.string()),
        ("soft_failed", pa.bool_()),
        ("exit_status", pa.int32()),
        ("signal", pa.string()),
        ("infra", pa.string()),
        ("listing", pa.string()),
        ("complete", pa.bool_()),
        ("tests_run", pa.int32()),
        ("tests_failed", pa.int32()),
        ("started_at", _TIME),
        ("duration_s", pa.float64()),
        ("queue_s", pa.float64()),
        ("host", pa.string()),
        ("runner", pa.string()),
        ("url", pa.string()),
        ("log", pa.string()),
    ]
)

RESULTS = pa.schema(
    [
        *_KEY,
        ("ordered_at", _TIME),
        ("test_id", pa.string()),
        ("job_id", pa.string()),
        ("variant", pa.string()),
        ("shard", pa.int32()),
        ("outcome", pa.string()),
        ("attempts", pa.int32()),
        ("duration_s", pa.float32()),
        ("signature", pa.string()),
        ("exception", pa.string()),
        ("message", pa.string()),
        ("line", pa.int32()),
    ]
)
"""``ordered_at``, ``variant`` and ``shard`` are those of the build and the job."""

CAUSES = pa.schema(
    [
        *_KEY,
        ("ordered_at", _TIME),
        ("cause_id", pa.string()),
        ("signature", pa.string()),
        ("job_id", pa.string()),
        ("test_id", pa.string()),
        ("category", pa.string()),
        ("trouble", pa.string()),
        ("confidence", pa.float64()),
        ("text", pa.string()),
        ("excerpt", pa.string()),
        ("line", pa.int32()),
    ]
)
"""One row for each failure in each attempt of a job."""

TABLES: dict[str, pa.Schema] = {
    "results": RESULTS,
    "jobs": JOBS,
    "causes": CAUSES,
    "builds": BUILDS,
}
"""In the order in which they are written."""
