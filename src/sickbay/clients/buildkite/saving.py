"""Writes a build to a folder, as ``Folder`` reads it again."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import anyio
import msgspec
from anyio import to_thread
from isal import igzip

from sickbay.ci.references import JobRef
from sickbay.clients.buildkite import convert
from sickbay.clients.buildkite.models import Saved
from sickbay.clients.pipe import piped
from sickbay.core.errors import Denied, SickbayError
from sickbay.core.results import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.builds import Build
    from sickbay.ci.references import BuildRef
    from sickbay.clients.buildkite.way import Way

Which = Literal["failed", "all", "none"]

AT_ONCE = 8
"""Logs fetched at a time."""

CHUNK = 1 << 20


class Saving:
    """Writes one build; its environment is left out, since it may hold secrets.

    Args:
        way: Where it comes from.
        ref: Which it is.
        folder: Where it goes: ``<organization>/<pipeline>/<number>`` below that.
        web_url: Where people look at builds.
    """

    def __init__(self, way: Way, ref: BuildRef, folder: Path, *, web_url: str) -> None:
        self._way = way
        self._ref = ref
        self._folder = folder / ref.organization / ref.pipeline / str(ref.number)
        self._web_url = web_url
        self._files = 0
        self._bytes = 0
        self._skipped: list[Skipped] = []

    async def __call__(self, logs: Which) -> Saved:
        """Write it; what else is not to be had is told, and left out.

        Raises:
            SickbayError: The build is not to be had, or the folder not to be written.
        """
        found = await self._way.build(self._ref)
        build = convert.build(found.build, self._ref, web_url=self._web_url)
        found.build.number = self._ref.number
        found.build.web_url = build.url
        if found.why:
            self._skipped.append(Skipped("build", found.why))
        await self._json("build", found.build)
        await self._extras()
        limiter = anyio.CapacityLimiter(AT_ONCE)
        async with anyio.create_task_group() as group:
            for job_id in _wanted(build, logs):
                group.start_soon(self._log, job_id, limiter)
        return Saved(files=self._files, bytes=self._bytes, skipped=tuple(self._skipped))

    async def _extras(self) -> None:
        try:
            await self._json(
                "annotations", await self._way.annotations(self._ref, "all")
            )
        except SickbayError as exc:
            self._skipped.append(Skipped("annotations", exc.message))
        try:
            items, complete = await self._way.artifacts(self._ref, None, None)
            await self._json("artifacts", items)
        except SickbayError as exc:
            self._skipped.append(Skipped("artifacts", exc.message))
        else:
            if not complete:
                self._skipped.append(Skipped("artifacts", "there are more of them"))

    async def _json(self, name: str, data: object) -> None:
        body = msgspec.json.format(msgspec.json.encode(data), indent=1)
        path = self._folder / f"{name}.json"
        await to_thread.run_sync(_written, path, body)
        self._count(len(body))

    async def _log(self, job_id: str, limiter: anyio.CapacityLimiter) -> None:
        body = self._way.log(JobRef(self._ref, job_id))
        path = self._folder / "logs" / f"{job_id}.log.gz"
        try:
            async with limiter:
                self._count(await piped(body, partial(_packed, path)))
        except SickbayError as exc:
            self._skipped.append(Skipped(f"log of job {job_id}", exc.message))

    def _count(self, size: int) -> None:
        self._files += 1
        self._bytes += size


def _wanted(build: Build, logs: Which) -> list[str]:
    """The jobs whose logs are wanted, each attempt of them."""
    if logs == "none":
        return []
    return [
        str(attempt.job_id)
        for attempt in build.attempts
        if attempt.log and (logs == "all" or attempt.failed)
    ]


def _written(path: Path, body: bytes) -> None:
    with _draft(path) as file:
        file.write(body)


def _packed(path: Path, body: IO[bytes]) -> int:
    """Write a log; how large it is, unpacked."""
    size = 0
    opener: Any = igzip.IGzipFile  # its stubs leave the constructor untyped
    with _draft(path) as file, opener(fileobj=file, mode="wb") as packer:
        while part := body.read(CHUNK):
            packer.write(part)
            size += len(part)
    return size


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file that has its name when all of it is written, and not before.

    Raises:
        Denied: It cannot be written.
    """
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(draft).replace(path)
        draft = None
    except OSError as exc:
        raise Denied(f"cannot write {path}: {exc.strerror or exc}") from exc
    finally:
        if draft:
            Path(draft).unlink(missing_ok=True)
