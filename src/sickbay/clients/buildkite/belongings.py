"""What belongs to a build: logs, annotations, artifacts."""

from __future__ import annotations

from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from sickbay.clients.buildkite import convert, wire
from sickbay.clients.buildkite.logs import at_least
from sickbay.clients.buildkite.models import Artifacts
from sickbay.core.errors import SickbayError, TooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from sickbay.ci.builds import Attempt
    from sickbay.ci.references import BuildRef, JobRef
    from sickbay.clients.buildkite.models import Annotation, Artifact, LogTail, Saved
    from sickbay.clients.buildkite.opening import Door
    from sickbay.clients.buildkite.saving import Which
    from sickbay.clients.cache import Memory

MAX_ARTIFACT_BYTES = 64 << 20


class Belongings:
    """A part of the client."""

    _door: Door
    _memory: Memory
    _web_url: str

    async def job(self, ref: JobRef) -> Attempt:
        """One attempt of a job.

        Raises:
            SickbayError: It is not to be had.
        """
        kept = self._memory.get(ref.build)
        if kept is not None:
            attempts: tuple[Attempt, ...] = kept.value.attempts
            for attempt in attempts:
                if attempt.job_id == ref.job_id and not attempt.unfinished:
                    return attempt
        way = await self._door.way()
        return self._attempt(ref, await way.job(ref))

    async def log(
        self, ref: JobRef, *, found: Callable[[bool], None] | None = None
    ) -> AsyncGenerator[bytes]:
        """The log of a job; where it breaks off it is taken up again.

        Args:
            ref: Of the job.
            found: Told whether the job was still running.

        Raises:
            NotFound: There is none.
            TooLarge: It is larger than allowed; ``log_tail`` has its end.
            SickbayError: It is not to be had.
        """
        running = None
        if found:
            with suppress(SickbayError):  # the log says itself what is wrong
                running = (await self.job(ref)).unfinished
        way = await self._door.way()
        async with aclosing(way.log(ref)) as parts:
            async for part in parts:
                yield part
        if found and running is not None:
            found(running)

    async def log_size(self, ref: JobRef) -> int | None:
        """Bytes of a log; None where only reading it can tell.

        Raises:
            SickbayError: There is none, or it is not to be had.
        """
        return await (await self._door.way()).log_size(ref)

    async def log_tail(self, ref: JobRef, max_bytes: int) -> LogTail:
        """The end of a log, without reading the rest where the server can do that.

        Raises:
            SickbayError: There is none, or it is not to be had.
        """
        return await (await self._door.way()).log_tail(ref, at_least(max_bytes))

    async def annotations(
        self, ref: BuildRef, *, scope: str = "all"
    ) -> tuple[Annotation, ...]:
        """What jobs and plugins said about a build, the most important first.

        Args:
            ref: Of the build.
            scope: ``all``, ``build`` or ``job``.

        Raises:
            SickbayError: They are not to be had.
        """
        found = await (await self._door.way()).annotations(ref, scope)
        items = [convert.annotation(item) for item in found]
        return tuple(sorted(items, key=lambda one: -(one.priority or 0)))

    async def artifacts(
        self, ref: BuildRef, *, job_id: str | None = None, path: str | None = None
    ) -> Artifacts:
        """Files that the jobs of a build left behind.

        Args:
            ref: Of the build.
            job_id: Only those of one job.
            path: Only those whose path it is; ``*`` stands for anything.

        Raises:
            SickbayError: They are not to be had.
        """
        found, complete = await (await self._door.way()).artifacts(ref, job_id, path)
        return Artifacts(items=tuple(map(convert.artifact, found)), complete=complete)

    async def artifact(
        self, found: Artifact, *, max_bytes: int = MAX_ARTIFACT_BYTES
    ) -> bytes:
        """The content of a file.

        Raises:
            TooLarge: It is larger than allowed, or says so.
            SickbayError: It is not to be had.
        """
        if found.size is not None and found.size > max_bytes:
            said = f"artifact {found.path} is larger than {max_bytes:,} bytes"
            raise TooLarge(said)
        return await (await self._door.way()).artifact(found, max_bytes)

    async def save(
        self, ref: BuildRef, folder: Path, *, logs: Which = "failed"
    ) -> Saved:
        """Write a build to a folder that another client can read instead.

        Args:
            ref: Of the build.
            folder: Where.
            logs: Of which jobs.

        Raises:
            SickbayError: The build is not to be had, or the folder not to be written.
        """
        from sickbay.clients.buildkite.saving import Saving  # noqa: PLC0415 - rare

        way = await self._door.way()
        return await Saving(way, ref, folder, web_url=self._web_url)(logs)

    def _attempt(self, ref: JobRef, found: wire.Job) -> Attempt:
        at = ref.build
        url = f"{self._web_url}/{at.organization}/{at.pipeline}/builds/{at.number}"
        return convert.attempt(found, at, url=url)
