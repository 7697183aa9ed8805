"""What the tools about annotations and artifacts answer with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sickbay.core.results import Listing

OfJob = Annotated[str | None, "only of this job: its id, handle or address"]
Glob = Annotated[str | None, "such as junit/*.xml"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationRow:
    """What a job, or a person, wrote on the page of a build.

    Attributes:
        text: Its words, without markup and at most so many.
        left_out: Characters that are not in ``text``.
        job_id: Of the job that it is about, if it is about one.
    """

    style: str | None = None
    context: str | None = None
    text: str = ""
    left_out: int = 0
    priority: int | None = None
    job_id: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Annotations(Listing):
    """The annotations of a build, errors and warnings first."""

    annotations: tuple[AnnotationRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactRow:
    """A file that a job left behind."""

    artifact_id: str
    path: str
    bytes: int | None = None
    mime_type: str | None = None
    state: str | None = None
    job_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Artifacts(Listing):
    """The files that the jobs of a build left behind."""

    total_bytes: int = 0
    artifacts: tuple[ArtifactRow, ...] = ()
