"""References: what a caller may write for a build or a job of a numbered build."""

from __future__ import annotations

from dataclasses import dataclass

from sickbay.core.errors import BadRequest
from sickbay.logs.pattern import Pattern

BUILDKITE = "buildkite"

_SLUG = r"[A-Za-z0-9_.-]{1,100}"
_HANDLE = Pattern(
    rf"{BUILDKITE}:({_SLUG})/({_SLUG})/([0-9]{{1,12}})/([A-Za-z0-9-]{{1,64}})"
)


@dataclass(frozen=True, slots=True)
class BuildRef:
    """A build, wherever it is."""

    organization: str
    pipeline: str
    number: int


@dataclass(frozen=True, slots=True)
class JobRef:
    """One attempt of a job in a build."""

    build: BuildRef
    job_id: str

    @property
    def handle(self) -> str:
        """What every argument that takes a log takes for its log."""
        at = self.build
        place = f"{at.organization}/{at.pipeline}/{at.number}/{self.job_id}"
        return f"{BUILDKITE}:{place}"


def parsed_job(handle: str) -> JobRef:
    """The job of a handle.

    Raises:
        BadRequest: It is no handle of a job's log.
    """
    found = _HANDLE.fullmatch(handle)
    if found is None:
        raise BadRequest(
            f"{handle!r} names no job",
            hint=f"write {BUILDKITE}:<organization>/<pipeline>/<build>/<job id>",
        )
    organization, pipeline, number, job_id = found.groups()
    return JobRef(BuildRef(organization, pipeline, int(number)), job_id)
