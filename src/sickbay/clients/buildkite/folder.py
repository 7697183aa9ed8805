"""Builds from a folder of saved JSON files and logs, in whatever order they lie."""

from __future__ import annotations

import os
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, TypeVar

from anyio import to_thread

from sickbay.ci.references import BuildRef
from sickbay.clients.buildkite import convert
from sickbay.clients.buildkite.models import LogTail
from sickbay.clients.buildkite.shelf import Content, Shelf, content
from sickbay.clients.buildkite.way import Found, Listed
from sickbay.clients.files import LOG_SUFFIXES, PACKED_SUFFIXES, chunks_of
from sickbay.clients.roots import Roots
from sickbay.core.errors import NotFound, SickbayError, TooLarge
from sickbay.core.moments import in_utc

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence

    from sickbay.ci.references import JobRef
    from sickbay.clients.buildkite import wire
    from sickbay.clients.buildkite.models import Artifact
    from sickbay.clients.buildkite.way import Wish

T = TypeVar("T")

MAX_FILES = 50_000
MAX_JSON = 256 << 20

SHOWN = 5
"""Builds named where another was asked for."""

_FINISHED = frozenset({"passed", "failed", "blocked", "canceled"})
UUID = 36
"""Characters of an id that no other text holds by chance."""

Stamp = tuple[str, int, int]


class Folder:
    """Reads a folder; what is added to it later is seen.

    Args:
        folder: Files elsewhere are not read, though links lead there.
        max_log_bytes: Of a log, unpacked.
    """

    def __init__(self, folder: Path, *, max_log_bytes: int) -> None:
        self._folder = folder
        self._max_log_bytes = max_log_bytes
        self._known: dict[Stamp, Content] = {}
        self._shelf: tuple[frozenset[Stamp], Shelf] | None = None

    async def build(self, ref: BuildRef) -> Found:
        """A build with all jobs that the folder has of it."""
        return Found(await to_thread.run_sync(self._build, ref))

    async def pages(self, wish: Wish) -> AsyncGenerator[Listed]:
        """Builds of a pipeline."""
        found = iter(await to_thread.run_sync(self._wanted, wish))
        page = list(islice(found, wish.per_page))
        while page:
            coming = list(islice(found, wish.per_page))
            yield Listed(page, more=bool(coming))
            page = coming

    async def job(self, ref: JobRef) -> wire.Job:
        """One job."""
        build = await to_thread.run_sync(self._build, ref.build)
        for job in build.jobs or ():
            if job.id == ref.job_id:
                return job
        raise NotFound(f"there is no job {ref.job_id} in build {ref.build}")

    async def log(self, ref: JobRef) -> AsyncGenerator[bytes]:
        """The log of a job, unpacked."""
        path, size = await to_thread.run_sync(self._log, ref), 0
        chunks = self._chunks(path)
        try:
            while part := await to_thread.run_sync(next, chunks, b""):
                size += len(part)
                if size > self._max_log_bytes:
                    raise TooLarge(
                        f"{path} is larger than {self._max_log_bytes:,} bytes",
                        hint="read the end of it",
                    )
                yield part
        finally:
            chunks.close()

    async def log_size(self, ref: JobRef) -> int | None:
        """Bytes of a log; None where it is packed."""
        path = await to_thread.run_sync(self._log, ref)
        if path.suffix in PACKED_SUFFIXES:
            return None
        return await to_thread.run_sync(self._size, path)

    async def log_tail(self, ref: JobRef, max_bytes: int) -> LogTail:
        """The end of a log."""
        path = await to_thread.run_sync(self._log, ref)
        return await to_thread.run_sync(self._tail, path, max_bytes)

    async def annotations(self, ref: BuildRef, scope: str) -> Sequence[wire.Annotation]:
        """What was said about a build, as far as it was saved."""
        found = await to_thread.run_sync(self._of, ref, Shelf.annotations)
        return [item for item in found if scope in {"all", item.scope or "build"}]

    async def artifacts(
        self, ref: BuildRef, job_id: str | None, path: str | None
    ) -> tuple[Sequence[wire.Artifact], bool]:
        """Files that jobs left behind, as far as they were listed."""
        found = await to_thread.run_sync(self._of, ref, Shelf.artifacts)
        kept = [
            item
            for item in found
            if job_id in {None, item.job_id}
            and (path is None or fnmatchcase(item.path or "", path))
        ]
        return kept, True

    async def artifact(self, found: Artifact, max_bytes: int) -> bytes:
        """The content of a file that was saved below the id of its job or its own."""
        return await to_thread.run_sync(self._saved, found, max_bytes)

    def _build(self, ref: BuildRef) -> wire.Build:
        shelf = self._read()
        build = shelf.build(ref)
        if build is None:
            there = [str(convert.place(one, ref)) for one in shelf.builds[:SHOWN]]
            raise NotFound(
                f"there is no build {ref} in {self._folder}",
                hint=f"there are: {', '.join(there) or 'none'}",
            )
        build.jobs = shelf.jobs(build)
        return build

    def _of(
        self, ref: BuildRef, items: Callable[[Shelf, wire.Build], Sequence[T]]
    ) -> Sequence[T]:
        build = self._build(ref)
        return items(self._read(), build)

    def _wanted(self, wish: Wish) -> list[wire.Build]:
        shelf = self._read()
        found = [build for build in shelf.builds if _fits(build, wish)]
        for build in found:
            build.jobs = shelf.jobs(build) if wish.jobs else build.jobs
        return found

    def _read(self) -> Shelf:
        """What the folder holds now; only files that changed are read again."""
        roots = Roots([self._folder])
        files = {stamp for stamp in self._stamps() if stamp[0].endswith(".json")}
        if self._shelf and self._shelf[0] == files:
            return self._shelf[1]
        self._known = {
            stamp: self._known.get(stamp) or _content(roots, stamp)
            for stamp in sorted(files)
        }
        shelf = Shelf(self._known.values())
        self._shelf = (frozenset(files), shelf)
        return shelf

    def _stamps(self) -> Iterator[Stamp]:
        """Every file with its size and its time."""
        for path in self._files():
            with suppress(OSError):  # a link to nowhere, or gone since
                status = (self._folder / path).stat()
                yield str(path), status.st_size, status.st_mtime_ns

    def _files(self) -> list[PurePosixPath]:
        """Every file below the folder, the hidden ones left out.

        Raises:
            NotFound: There is no such folder.
        """
        if not self._folder.is_dir():
            raise NotFound(f"there is no folder {self._folder}")
        found = []
        for at, folders, names in os.walk(self._folder):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            below = PurePosixPath(Path(at).relative_to(self._folder).as_posix())
            found += [below / name for name in sorted(names) if name[0] != "."]
            if len(found) > MAX_FILES:
                raise TooLarge(f"{self._folder} has more than {MAX_FILES:,} files")
        return found

    def _log(self, ref: JobRef) -> Path:
        """The file whose name, or whose folder's, has the id of the job.

        Raises:
            NotFound: There is none.
        """
        for path in self._files():
            if _is_log(path) and any(_names(part, ref.job_id) for part in path.parts):
                return self._folder / path
        raise NotFound(
            f"there is no log of job {ref.job_id} in {self._folder}",
            hint=f"save it as {ref.job_id}.log",
        )

    def _chunks(self, path: Path) -> Generator[bytes]:
        with Roots([self._folder]).open(path) as file:
            if os.fstat(file.fileno()).st_size:
                for chunk in chunks_of(file, str(path)):
                    yield bytes(chunk)

    def _size(self, path: Path) -> int:
        with Roots([self._folder]).open(path) as file:
            return os.fstat(file.fileno()).st_size

    def _tail(self, path: Path, max_bytes: int) -> LogTail:
        if path.suffix not in PACKED_SUFFIXES:
            with Roots([self._folder]).open(path) as file:
                return _end(file, max_bytes)
        kept, total = bytearray(), 0
        for part in self._chunks(path):
            total += len(part)
            kept += part
            del kept[:-max_bytes]
        return LogTail(data=bytes(kept), bytes_total=total, whole=total <= max_bytes)

    def _saved(self, found: Artifact, max_bytes: int) -> bytes:
        ends = {
            f"{id_}/{found.path}" for id_ in (found.job_id, found.artifact_id) if id_
        }
        for path in self._files():
            if any(f"/{path}".endswith(f"/{end}") for end in ends):
                with Roots([self._folder]).open(self._folder / path) as file:
                    body = file.read(max_bytes + 1)
                if len(body) > max_bytes:
                    raise TooLarge(f"{path} is larger than {max_bytes:,} bytes")
                return body
        raise NotFound(f"the artifact {found.path} was not saved in {self._folder}")


def _content(roots: Roots, stamp: Stamp) -> Content:
    """What a file holds; nothing where it may not be read."""
    path, size, _ = stamp
    if size > MAX_JSON:
        return Content()
    try:
        with roots.open(path) as file:
            return content(PurePosixPath(path), file.readall())
    except SickbayError:
        return Content()


def _fits(build: wire.Build, wish: Wish) -> bool:
    """Whether a build is wanted."""
    usual = convert.place(build, BuildRef(wish.organization, wish.pipeline, 0))
    here = (usual.organization, usual.pipeline) == (wish.organization, wish.pipeline)
    states = {*wish.states, *(_FINISHED if "finished" in wish.states else ())}
    created = in_utc(build.created_at)
    if created is None and (wish.created_from or wish.created_to):
        return False
    return (
        here
        and (wish.branch is None or fnmatchcase(build.branch or "", wish.branch))
        and (not states or build.state in states)
        and wish.commit in {None, build.commit}
        and not (created and wish.created_from and created < wish.created_from)
        and not (created and wish.created_to and created >= wish.created_to)
    )


def _is_log(path: PurePosixPath) -> bool:
    suffixes = path.suffixes
    if suffixes and suffixes[-1] in PACKED_SUFFIXES:
        suffixes.pop()
    return bool(suffixes) and suffixes[-1] in LOG_SUFFIXES


def _names(part: str, job_id: str) -> bool:
    """Whether a file or folder is named after a job; short ids have to be all of it."""
    return part.partition(".")[0] == job_id or (len(job_id) == UUID and job_id in part)


def _end(file: IO[bytes], max_bytes: int) -> LogTail:
    total = os.fstat(file.fileno()).st_size
    file.seek(max(0, total - max_bytes))
    parts = iter(lambda: file.read(max_bytes), b"")
    return LogTail(data=b"".join(parts), bytes_total=total, whole=total <= max_bytes)
