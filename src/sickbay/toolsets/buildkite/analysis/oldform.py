"""Results of scans as the predecessor had them: made of ours, and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.ci.scan.models import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Document = Mapping[str, Any]

_TRIAGE = "NEEDS_HUMAN_TRIAGE"


def is_old(document: Document) -> bool:
    """Whether a result has the old keys and not ours."""
    return "failures" in document and "causes" not in document


def scan_of(document: Document) -> Document:
    """A result of ours, as JSON data, from the old keys.

    What is not of the kind that it was is left for whoever reads the result to refuse.
    """
    causes = [
        _cause(number, failure)
        for number, failure in enumerate(_listed(document, "failures"), 1)
    ]
    failed = document.get("failed_jobs", 0)
    categories: dict[str, int] = {}
    for cause in causes:
        name = cause["category"]
        categories[name] = categories.get(name, 0) + 1
    return {
        "build_info": _build(_mapping(document.get("build_info"))),
        "jobs": {"total": document.get("total_jobs", 0), "failed": failed},
        "categories": categories,
        "unique_failures": len(causes),
        "causes": causes,
        "scanned_at": document.get("scan_timestamp"),
    }


def old_keys(document: Document) -> Document:
    """The old keys of a result of ours, for those who still look for them."""
    build = document.get("build_info")
    jobs = document.get("jobs") or {}
    causes = _listed(document, "causes")
    return {
        "build_info": _old_build(build) if build else None,
        "total_jobs": jobs.get("total", 0),
        "failed_jobs": jobs.get("failed", 0),
        "failures": [_old_failure(cause) for cause in causes],
        "scan_timestamp": document.get("scanned_at"),
    }


def _build(info: Document) -> Document | None:
    if not info:
        return None
    organization, _, pipeline = str(info.get("pipeline", "")).rpartition("/")
    return {
        **info,
        "build_number": info.get("build_number", 0),
        "build_url": info.get("build_url", ""),
        "organization": organization,
        "pipeline": pipeline,
        "finished": info.get("finished_at") is not None,
        "nightly": True,  # the old reports said so of every build
    }


def _old_build(info: Document) -> Document:
    return {
        **info,
        "build_number": str(info["build_number"]),
        "pipeline": f"{info['organization']}/{info['pipeline']}",
    }


def _cause(number: int, failure: Document) -> dict[str, Any]:
    seen = _mapping(failure.get("test_failure"))
    name, job = str(seen.get("test_name", "")), str(seen.get("job_name", ""))
    category = failure.get("category")
    job_id = f"job-{number}"
    test = {
        "test_id": name,
        "job_id": job_id,
        "message": seen.get("error_message"),
    }
    return {
        "cause_id": str(failure.get("failure_key") or number),
        "category": category if category in CATEGORIES else _TRIAGE,
        "trouble": "unknown",
        "confidence": failure.get("confidence", 0.0),
        "level": "low",
        "reason": str(failure.get("reason", "")),
        "text": str(seen.get("error_message") or ""),
        "tests": [test] if name else [],
        "test_count": int(bool(name)),
        "jobs": [{"name": job, "job_id": job_id}],
        "job_count": 1,
        "owner": _owner(failure),
    }


def _owner(failure: Document) -> Document | None:
    name = failure.get("owner")
    if not name:
        return None
    sure = failure.get("owner_confidence") or 0.0
    return {"names": [str(name)], "source": "codeowners", "confidence": sure, "why": ""}


def _old_failure(cause: Document) -> Document:
    test = next(iter(cause["tests"]), None)
    job = next(iter(cause["jobs"]), None)
    owner, issue = cause["owner"], cause["issue"]
    message = (test["message"] if test else None) or cause["text"]
    job_name = job["name"] if job else ""
    return {
        "failure_key": cause["cause_id"],
        "test_failure": {
            "test_name": test["test_id"] if test else job_name,
            "job_name": job_name,
            "error_message": message or None,
            "stack_trace": None,
            "log_snippet": cause["text"] or None,
        },
        "category": cause["category"],
        "github_issue": issue["url"] if issue else None,
        "confidence": cause["confidence"],
        "reason": cause["reason"],
        "owner": owner["names"][0] if owner else None,
        "owner_confidence": owner["confidence"] if owner else None,
    }


def _mapping(value: object) -> Document:
    return value if isinstance(value, dict) else {}


def _listed(document: Document, name: str) -> Sequence[Document]:
    found = document.get(name)
    if not isinstance(found, (list, tuple)):
        return ()
    return [item for item in found if isinstance(item, dict)]
