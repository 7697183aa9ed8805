"""A job, commit or pull request by whatever name a person has at hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sickbay.core.errors import BadRequest

_REPO = r"(?P<repo>[\w.-]+/[\w.-]+)"
_JOB = r"(?P<job>[0-9]{1,19})"
_REST = r"(?:[/?#].*)?"
_RUN = r"actions/runs/(?P<run>[0-9]{1,19})(?:/attempts/[0-9]+)?/jobs?"
_COMMIT = r"commit/(?P<sha>[0-9a-f]{7,40})(?:\?[^#]*)?"
_JOBS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"#?{_JOB}",
        rf"hud:(?:{_REPO}/)?{_JOB}",
        rf"https?://[^/]+/{_REPO}/{_RUN}/{_JOB}{_REST}",
        rf"https?://[^/]+/{_REPO}/{_COMMIT}#{_JOB}(?:-box)?",
        rf"https?://[^/]+/{_REPO}/runs/{_JOB}{_REST}",
        rf"https?://[^/]+/(?:log|temp_logs)/(?:{_REPO}/)?{_JOB}",
    )
)
_PULLS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?:#|PR ?#?)?(?P<pull>[0-9]{1,9})",
        rf"{_REPO}#(?P<pull>[0-9]{{1,9}})",
        rf"https?://[^/]+/{_REPO}/pull/(?P<pull>[0-9]{{1,9}}){_REST}",
        rf"https?://[^/]+/pr/(?P<pull>[0-9]{{1,9}}){_REST}",
    )
)
_ADDRESS = re.compile(
    rf"https?://[^/]+/{_REPO}/(?:pull/[0-9]{{1,9}}/)?commits?/(?P<sha>[0-9a-f]{{7,40}}){_REST}"
)
_SHA = re.compile(r"[0-9a-f]{7,40}", re.IGNORECASE)
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReference:
    """A job as somebody named it, and what else the name told."""

    job_id: int
    repo: str
    run_id: int | None = None
    sha: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReference:
    """A pull request as somebody named it."""

    number: int
    repo: str


def job_reference(text: str, *, repo: str) -> JobReference:
    """What a number, a handle or the address of a job means.

    Args:
        text: ``12345``, ``hud:12345``, ``hud:owner/repo/12345``, or where a browser
            shows the job or its log.
        repo: The repository that is meant where the text names none.

    Raises:
        BadRequest: It is none of these.
    """
    for pattern in _JOBS:
        if match := pattern.fullmatch(text.strip()):
            named = match.groupdict()
            run = named.get("run")
            return JobReference(
                job_id=int(named["job"]),
                repo=named.get("repo") or repo,
                run_id=int(run) if run else None,
                sha=named.get("sha"),
            )
    raise BadRequest(
        f"{text[:100]} is no job",
        hint="give its number, hud:<number>, or its address on GitHub or the HUD",
    )


def pull_reference(text: str, *, repo: str) -> PullReference:
    """What a number or the address of a pull request means.

    Raises:
        BadRequest: It is neither.
    """
    for pattern in _PULLS:
        if match := pattern.fullmatch(text.strip()):
            named = match.groupdict()
            found = named.get("repo") or repo
            return PullReference(number=int(named["pull"]), repo=found)
    raise BadRequest(
        f"{text[:100]} is no pull request", hint="give its number or its address"
    )


def commit_address(text: str) -> tuple[str, str] | None:
    """Repository and sha of the commit that a browser shows there, if it is one."""
    found = _ADDRESS.fullmatch(text.strip())
    return (found["repo"], found["sha"]) if found else None


def commit_sha(text: str) -> str:
    """A commit's id as others write it, in small letters.

    Raises:
        BadRequest: It is none.
    """
    sha = text.strip().lower()
    if _SHA.fullmatch(sha):
        return sha
    raise BadRequest(
        f"{text[:100]} is no commit", hint="give 7 to 40 hexadecimal digits of its sha"
    )


def repository(text: str | None, default: str) -> str:
    """The repository that is meant.

    Raises:
        BadRequest: It is not ``owner/name``.
    """
    if not text:
        return default
    if _REPOSITORY.fullmatch(text):
        return text
    raise BadRequest(f"{text[:100]} is no repository", hint="write it as owner/name")
