"""Names and arguments that clients of the predecessors still use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sickbay.core.manifest import Alias

Document = Mapping[str, Any]

SAMPLES = 5
SAMPLE_CHARACTERS = 150
FAILED_TESTS = 20
CONTEXT_LINES = 5

HUD_SEARCH = frozenset(
    ("repo", "repository", "workflow", "workflow_name", "branch", "branch_name")
) | {"start_date", "end_date", "min_score"}
"""With one of these, ``search_logs`` looks for commits with the same failure."""


def _succeeded(document: Document) -> bool:
    return bool(document["outcome"] != "error")


def _job(job_id: object) -> Mapping[str, Any]:
    return {"log": f"hud:{job_id}"}


def _one(log: object) -> Mapping[str, Any]:
    return {"logs": log if isinstance(log, list) else [log]}


def _downloaded(document: Document) -> Document:
    job_id = str(document["log"] or "").rpartition(":")[2]
    return {
        "success": _succeeded(document),
        "job_id": int(job_id) if job_id.isdecimal() else None,
        "size_bytes": document["bytes"],
        "line_count": document["lines"],
        "url": document["source"],
    }


def _counted(document: Document) -> Document:
    samples = {
        row["name"]: [
            {
                "line_num": sample["line_number"],
                "line": sample["text"][:SAMPLE_CHARACTERS],
                "groups": sample["captures"],
            }
            for sample in row["samples"][:SAMPLES]
        ]
        for row in document["found"]
    }
    return {"success": _succeeded(document), "samples": samples}


def _tested(document: Document) -> Document:
    counts = document["counts"]
    bad = sum(counts[name] for name in ("failed", "error", "crashed", "timed_out"))
    skipped = counts["skipped"] + counts["xfailed"]
    passed = counts["passed"] + counts["xpassed"]
    return {
        "success": _succeeded(document),
        "test_counts": {
            "total": passed + bad + skipped,
            "passed": passed,
            "failed": bad,
            "skipped": skipped,
        },
        "failed_tests": [
            {
                "test": test["test_id"],
                "line_num": test["line"],
                "context": (test["message"] or "").splitlines()[:CONTEXT_LINES],
            }
            for test in document["failed"][:FAILED_TESTS]
        ],
        "duration": None,
    }


def _filtered(document: Document) -> Document:
    sections = [
        {
            **section,
            "start_line": section["line_start"],
            "content": "\n".join(section["lines"]),
            "truncated": section["left_out"] > 0,
        }
        for section in document["sections"]
    ]
    return {
        "success": _succeeded(document),
        "section_count": document["count"],
        "sections": sections,
    }


def _names_logs(given: Document) -> bool:
    """Whether ``search_logs`` means to search logs, and not to look for commits."""
    return not any(given.get(name) for name in HUD_SEARCH)


_OLD = (
    Alias(
        name="download_log_to_file",
        tool="download",
        arguments={"job_id": _job, "url": "log"},
        result=_downloaded,
    ),
    Alias(
        name="extract_log_patterns",
        tool="extract_patterns",
        arguments={"file_path": "log"},
        result=_counted,
    ),
    Alias(
        name="extract_test_results",
        tool="extract_test_results",
        arguments={"file_path": "log"},
        result=_tested,
    ),
    Alias(
        name="filter_log_sections",
        tool="filter_sections",
        arguments={"file_path": "log", "start_pattern": "start", "end_pattern": "end"},
        fixed={"max_lines": 100},
        result=_filtered,
    ),
    Alias(
        name="search_logs",
        tool="search",
        arguments={
            "log": _one,
            "logs": _one,
            "file_path": _one,
            "query": "pattern",
            "failure": "pattern",
        },
        when=_names_logs,
    ),
)

ALIASES = tuple(
    replace(alias, name=f"{alias.name}{suffix}")
    for alias in _OLD
    for suffix in ("", "_resource")
)
