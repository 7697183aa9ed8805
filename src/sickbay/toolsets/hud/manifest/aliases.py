"""Names and arguments that clients of the predecessors still use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sickbay.core.manifest import Alias

Document = Mapping[str, Any]

COMMIT_SEARCH = frozenset(
    ("repo", "repository", "workflow", "workflow_name", "branch", "branch_name")
) | {"start_date", "end_date", "min_score"}
"""With one of these, ``search_logs`` looks for commits with the same failure."""

_SHORT_SHA = 7


def _repo(owner: str | None, name: str | None) -> Mapping[str, Any]:
    if "/" in (name or ""):
        return {"repo": name}
    return {"repo": f"{owner or 'pytorch'}/{name or 'pytorch'}"}


def _range(start: str | None, end: str | None) -> Mapping[str, Any]:
    return {"time_range": f"{start or ''}:{end or ''}"}


def _kinds(*, passed: object, unfinished: object, failed: object) -> list[str]:
    named = {"failed": failed, "unfinished": unfinished, "passed": passed}
    return [name for name, wanted in named.items() if wanted]


def _included(success: object, pending: object, failures: object) -> Mapping[str, Any]:
    kinds = _kinds(passed=success, unfinished=pending, failed=failures)
    if not kinds:
        return {}
    return {"detail": "failures" if kinds == ["failed"] else "jobs", "only": kinds}


def _with_status(status: str) -> Mapping[str, Any]:
    meant = {"success": "passed", "failure": "failed", "pending": "unfinished"}
    return {"only": [meant.get(status, status)]}


def _triaged(word: str) -> Mapping[str, Any]:
    return {"triaged": word == "yes"} if word else {}


def _recent(document: Document) -> Document:
    commits = [
        {
            **row,
            "short_sha": row["sha"][:_SHORT_SHA],
            "prNum": row["pr"],
            "job_counts": _job_counts(row["counts"]),
        }
        for row in document["commits"]
    ]
    return {"commits": commits}


def _job_counts(counts: Mapping[str, int]) -> dict[str, int]:
    parts = {
        "total": ("total",),
        "success": ("ok", "flaky"),
        "failure": ("fail", "timed_out", "startup_failure"),
        "pending": ("pending", "queued", "action_required"),
        "skipped": ("skipped",),
    }
    return {old: sum(counts.get(n, 0) for n in ours) for old, ours in parts.items()}


def _guide(_document: Document) -> Document:
    # The manifest holds the table that this module makes.
    from sickbay.toolsets.hud.manifest import GUIDE  # noqa: PLC0415 - see above

    return {"guide": GUIDE}


def _means_commits(given: Document) -> bool:
    return any(given.get(name) for name in COMMIT_SEARCH)


_OWNER: Mapping[tuple[str, ...], Callable[..., Mapping[str, Any]]] = {
    ("repo_owner", "repo_name"): _repo
}
_COMMITS = Alias(
    name="",
    tool="recent_commits",
    arguments={
        "branch_or_commit_sha": "branch",
        "commit_sha": "branch",
        "sha": "branch",
        "job_name_filter_regex": "job_filter",
        "job_name_pattern": "job_filter",
        "failure_line_filter_regex": "failure_filter",
        "failure_pattern": "failure_filter",
        "status": _with_status,
    },
    joined={
        **_OWNER,
        ("include_success", "include_pending", "include_failures"): _included,
    },
    ignored=("include_commit_details", "merge_lf"),
    result=_recent,
)
_ONE_COMMIT = {"per_page": 1}
_SIMILAR = Alias(
    name="",
    tool="similar_failures",
    arguments={
        "query": "failure",
        "pattern": "failure",
        "repository": "repo",
        "workflow_name": "workflow",
        "branch_name": "branch",
    },
    joined={("start_date", "end_date"): _range},
)
_JOB = Alias(name="", tool="job", ignored=("provider",))

_FORMS = (
    replace(_COMMITS, name="get_hud_data"),
    replace(_COMMITS, name="get_recent_commits_with_jobs"),
    replace(_COMMITS, name="get_recent_commit_status"),
    replace(_COMMITS, name="get_commit_summary", fixed=_ONE_COMMIT),
    replace(_COMMITS, name="get_job_summary", fixed={**_ONE_COMMIT, "detail": "jobs"}),
    replace(
        _COMMITS, name="get_filtered_jobs", fixed={**_ONE_COMMIT, "detail": "jobs"}
    ),
    replace(
        _COMMITS,
        name="get_failure_details",
        fixed={**_ONE_COMMIT, "detail": "failures"},
    ),
    replace(_COMMITS, name="get_workflow_summary", fixed=_ONE_COMMIT),
    replace(
        _COMMITS, name="get_test_summary", fixed={**_ONE_COMMIT, "detail": "failures"}
    ),
    Alias(name="get_flaky_tests", tool="flaky_tests", arguments={"test_name": "name"}),
    replace(_JOB, name="get_job_details"),
    replace(_JOB, name="get_job_log"),
    replace(_JOB, name="get_artifacts"),
    replace(_JOB, name="get_s3_log_url"),
    replace(_SIMILAR, name="find_commits_with_similar_failures"),
    replace(_SIMILAR, name="search_logs", when=_means_commits),
    Alias(name="get_clickhouse_queries", tool="queries"),
    Alias(
        name="get_clickhouse_query_params",
        tool="queries",
        arguments={"query_name": "name"},
    ),
    Alias(name="query_clickhouse", tool="query", arguments={"query_name": "name"}),
    Alias(
        name="get_master_commit_red",
        tool="metrics",
        fixed={"metric": "trunk_red"},
        ignored=("timezone",),
    ),
    Alias(name="get_queued_jobs", tool="metrics", fixed={"metric": "queued_jobs"}),
    Alias(
        name="get_disabled_test_historical",
        tool="disabled_tests",
        arguments={"time_range": "history", "triaged": _triaged},
        fixed={"history": "7d"},
        ignored=("repo", "state", "granularity"),
    ),
    Alias(name="readme_howto_pytorch_treehugging_guide", tool="queries", result=_guide),
)

_METRICS = (
    *("trunk_red", "queued_jobs", "queue_times", "time_to_signal"),
    *("reverts", "resource_usage"),
)
_PARTS = ("commit_summary", "job_summary", "filtered_jobs", "failure_details")
_OURS = {f"get_{name}": f"hud_{name}" for name in (*_PARTS, "recent_commit_status")}
_OURS |= {"get_job_log": "hud_job_log", "get_artifacts": "hud_artifacts"}

ALIASES = (
    *(
        replace(alias, name=f"{alias.name}{suffix}")
        for alias in _FORMS
        for suffix in ("", "_resource")
    ),
    *(
        replace(alias, name=_OURS[alias.name])
        for alias in _FORMS
        if alias.name in _OURS
    ),
    *(
        Alias(name=f"hud_{metric}", tool="metrics", fixed={"metric": metric})
        for metric in _METRICS
    ),
)
