"""What the Buildkite client gives, besides builds and jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sickbay.ci.builds import Build
    from sickbay.core.results import Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Builds:
    """Builds of a pipeline, the newest first.

    Attributes:
        complete: There are no more that match.
        examined: How many were looked at.
    """

    builds: tuple[Build, ...] = ()
    complete: bool = True
    examined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTail:
    """The end of a log.

    Attributes:
        data: It may begin amid a character.
        bytes_total: Of the whole log; None where nobody says.
        whole: Whether this is all of it.
    """

    data: bytes
    bytes_total: int | None
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What a job, or a plugin, said about a build.

    Attributes:
        style: ``success``, ``info``, ``warning`` or ``error``.
        priority: From 1 to 10, the most important last.
        html: Its body, written by strangers.
        job_id: Of the job that it is about, if it is not about the build.
    """

    annotation_id: str
    context: str
    style: str
    html: str
    priority: int | None = None
    job_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that a job left behind.

    Attributes:
        path: As the job named it.
        state: ``finished`` where it is there; others are ``new``, ``deleted``, ...
        url: Where it is.
    """

    artifact_id: str
    job_id: str | None
    path: str
    size: int | None = None
    mime_type: str | None = None
    sha1: str | None = None
    state: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """Artifacts of a build or a job.

    Attributes:
        complete: There are no more.
    """

    items: tuple[Artifact, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What was written to a folder.

    Attributes:
        bytes: Of all files, as they were before they were packed.
        skipped: What was not to be had, and why.
    """

    files: int
    bytes: int
    skipped: tuple[Skipped, ...] = ()
