"""What every way to builds gives: the API, the public pages, and a folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from datetime import datetime

    from sickbay.ci.references import BuildRef, JobRef
    from sickbay.clients.buildkite import wire
    from sickbay.clients.buildkite.models import Artifact, LogTail


@dataclass(frozen=True, slots=True)
class Found:
    """A build, and what is missing of it."""

    build: wire.Build
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which builds are wanted.

    Attributes:
        per_page: How many at a time.
        jobs: With all attempts of their jobs.
    """

    organization: str
    pipeline: str
    branch: str | None = None
    states: Sequence[str] = ()
    commit: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    per_page: int = 30
    jobs: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """Some builds, and whether there are more behind them."""

    items: Sequence[wire.Build]
    more: bool = False


class Way(Protocol):
    """A way to builds; all of it raises ``SickbayError`` where something is missing."""

    async def build(self, ref: BuildRef) -> Found:
        """A build with every attempt of every job."""

    def pages(self, wish: Wish) -> AsyncGenerator[Listed]:
        """Builds, the newest first; it ends behind the oldest."""

    async def job(self, ref: JobRef) -> wire.Job:
        """One attempt of a job."""

    def log(self, ref: JobRef) -> AsyncGenerator[bytes]:
        """The log of a job."""

    async def log_size(self, ref: JobRef) -> int | None:
        """Bytes of a log, if that can be told without reading it."""

    async def log_tail(self, ref: JobRef, max_bytes: int) -> LogTail:
        """The end of a log."""

    async def annotations(self, ref: BuildRef, scope: str) -> Sequence[wire.Annotation]:
        """What was said about a build."""

    async def artifacts(
        self, ref: BuildRef, job_id: str | None, path: str | None
    ) -> tuple[Sequence[wire.Artifact], bool]:
        """Files of a build or a job, and whether these are all."""

    async def artifact(self, found: Artifact, max_bytes: int) -> bytes:
        """The content of a file."""
