"""References: what a caller may write for a build or a job of a numbered build."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from sickbay.core.errors import BadRequest
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Match

BUILDKITE = "buildkite"

HOSTS = frozenset({"buildkite.com", "www.buildkite.com", "api.buildkite.com"})
"""Whose URLs name builds, whatever the operator set."""

SHOWN = 80
"""Characters of a wrong reference that are repeated."""

_SLUG = r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}"
_NUMBER = r"[0-9]{1,12}"
_ID = r"[A-Za-z0-9-]{1,64}"
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

_JOB_ID = Pattern(_ID)
_HANDLE = Pattern(rf"{BUILDKITE}:({_SLUG})/({_SLUG})/({_NUMBER})(?:/({_ID}))?")
_SHORT = Pattern(rf"(?:({_SLUG})/({_SLUG})(?=[/#])/?)?#?({_NUMBER})(?:[/#]({_UUID}))?")
_API = Pattern(
    rf"(?:/v2)?/organizations/({_SLUG})/pipelines/({_SLUG})/builds/({_NUMBER})"
    rf"(?:/jobs/({_ID}))?(?:/.*)?"
)
_WEB = Pattern(rf"/({_SLUG})/({_SLUG})/builds/({_NUMBER})(?:/jobs/({_UUID}))?(?:/.*)?")
_URL = Pattern(r"(?i)(https?://([^/?#\s]+))([^?#\s]*)(?:\?([^#\s]*))?(?:#(\S*))?")
_SID = Pattern(rf"(?:.*&)?sid=({_UUID})(?:&.*)?")
_JID = Pattern(rf"(?:.*&)?jid=({_UUID})(?:&.*)?")
_JOB = Pattern(rf"({_UUID})(?:/.*)?")

_BUILD_HINT = "write its number, its URL, or <organization>/<pipeline>/<number>"
_JOB_HINT = f"write {BUILDKITE}:<organization>/<pipeline>/<build>/<job id>, or its URL"


@dataclass(frozen=True, slots=True)
class BuildRef:
    """A build, wherever it is."""

    organization: str
    pipeline: str
    number: int

    def __str__(self) -> str:
        return f"{self.organization}/{self.pipeline}/{self.number}"


@dataclass(frozen=True, slots=True)
class JobRef:
    """One attempt of a job in a build."""

    build: BuildRef
    job_id: str

    @property
    def handle(self) -> str:
        """What every argument that takes a log takes for its log."""
        return f"{BUILDKITE}:{self.build}/{self.job_id}"


@dataclass(frozen=True, slots=True)
class StepRef:
    """A step of a build, which may have several jobs."""

    build: BuildRef
    step_id: str


@dataclass(frozen=True, slots=True)
class _Reading:
    build: BuildRef
    job_id: str | None = None
    step_id: str | None = None


def is_job_id(text: str) -> bool:
    """Whether it can be the id of a job, and so a part of a handle, path or address."""
    return _JOB_ID.fullmatch(text) is not None


def parsed_job(handle: str) -> JobRef:
    """The job of a handle.

    Raises:
        BadRequest: It is no handle of a job's log.
    """
    found = _HANDLE.fullmatch(handle)
    if found is None or found[4] is None:
        _refuse(handle, "job", _JOB_HINT)
    return JobRef(BuildRef(found[1], found[2], int(found[3])), found[4])


def build_reference(
    text: str | int, *, usual: BuildRef, addresses: Iterable[str] = ()
) -> BuildRef:
    """The build that a caller means: by number, URL, handle or path.

    Args:
        text: As the caller wrote it; what names a job names its build too.
        usual: Organization and pipeline of a bare number.
        addresses: Where the operator's own Buildkite is, besides the public one.

    Raises:
        BadRequest: It names no build.
    """
    found = _read(str(text), usual, addresses)
    if found is None or found.build.number == 0:
        _refuse(str(text), "build", _BUILD_HINT)
    return found.build


def job_reference(
    text: str, *, usual: BuildRef, addresses: Iterable[str] = ()
) -> JobRef:
    """The job that a caller means: by handle, URL, path, or its id alone.

    Args:
        text: As the caller wrote it.
        usual: The build of a bare id, if it has a number.
        addresses: As for a build.

    Raises:
        BadRequest: It names no job, or only its build or its step.
    """
    found = job_or_step(text, usual=usual, addresses=addresses)
    if isinstance(found, StepRef):
        raise BadRequest(
            f"that names a step of build {found.build.number}, and none of its jobs",
            hint="open the job itself and copy its URL, or write its handle",
        )
    return found


def job_or_step(
    text: str, *, usual: BuildRef, addresses: Iterable[str] = ()
) -> JobRef | StepRef:
    """The job or, as ``?sid=`` of a URL is, the step that a caller means.

    Raises:
        BadRequest: It names neither.
    """
    found = _read(text, usual, addresses)
    if found is None or found.build.number == 0:
        _refuse(text, "job", _JOB_HINT)
    if found.job_id:
        return JobRef(found.build, found.job_id)
    if found.step_id:
        return StepRef(found.build, found.step_id)
    raise BadRequest(
        f"that names build {found.build.number}, and none of its jobs", hint=_JOB_HINT
    )


def _read(text: str, usual: BuildRef, addresses: Iterable[str]) -> _Reading | None:
    text = text.strip()
    if "://" in text:
        return _of_url(text.strip("<>"), addresses)
    if _JOB.fullmatch(text):
        return _Reading(usual, text)
    found = _HANDLE.fullmatch(text) or _SHORT.fullmatch(text)
    if found is None:
        return None
    organization = found[1] or usual.organization
    build = BuildRef(organization, found[2] or usual.pipeline, int(found[3]))
    return _Reading(build, found[4])


def _of_url(text: str, addresses: Iterable[str]) -> _Reading | None:
    url = _URL.fullmatch(text)
    if url is None:
        raise BadRequest("that is no URL of Buildkite", hint=_BUILD_HINT)
    path = _path(url, addresses)
    found = _API.fullmatch(path) or _WEB.fullmatch(path)
    if found is None:
        return None
    job = _JID.fullmatch(url[4] or "") or _JOB.fullmatch(url[5] or "")
    step = _SID.fullmatch(url[4] or "")
    build = BuildRef(found[1], found[2], int(found[3]))
    return _Reading(build, job[1] if job else found[4], step[1] if step else None)


def _path(url: Match[str], addresses: Iterable[str]) -> str:
    """The path of a URL below the address that it belongs to.

    Raises:
        BadRequest: It is none of ours.
    """
    path = url[3]
    for address in addresses:
        own = _URL.fullmatch(address)
        root = own[3].rstrip("/") if own else ""
        here = own is not None and own[2].lower() == url[2].lower()
        if here and path.startswith(f"{root}/"):
            return path.removeprefix(root)
    if url[2].lower() not in HOSTS:
        raise BadRequest("that is no URL of Buildkite", hint=_BUILD_HINT)
    return path


def _refuse(text: str, what: str, hint: str) -> NoReturn:
    raise BadRequest(f"{text[:SHOWN]!r} names no {what}", hint=hint)
