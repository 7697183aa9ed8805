"""Fetched logs on disk: packed, named by their content, the least recently used go."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import IO, TYPE_CHECKING

from sickbay.clients.lognote import Note, packed, read_note
from sickbay.clients.origins import Fetched, Origins
from sickbay.core.errors import BadRequest, Denied, NotFound, TooLarge, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BYTES = 2 << 30
"""Of the packed logs together, by default."""

DIGITS = 16
"""Of the SHA-256 in a handle; more where two logs begin alike."""

LEVEL = 1
"""Of zstd."""

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HANDLE = re.compile(r"log:([0-9a-f]{1,64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One log of the cache.

    Attributes:
        handle: ``log:`` and the first digits of the SHA-256 of the log.
        path: Of the packed log.
        origin: Where it was fetched from.
        bytes: Unpacked.
    """

    handle: str
    path: Path
    origin: str
    bytes: int
    lines: int
    fetched_at: datetime


class LogCache:
    """Logs in a folder that any number of processes and threads share.

    A log is written to a file of its own, which its writer keeps locked, and gets its
    name when it is complete and on the disk: whenever a process dies, what has a name
    is whole. Files of the dead are known by their lock being free. Names are given and
    taken under one more lock, which is never held for long.

    Args:
        folder: Where; made with the first log.
        max_bytes: Size of the packed logs together.
        digits: Length of handles.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int = MAX_BYTES, digits: int = DIGITS
    ) -> None:
        self.folder = Path(os.path.realpath(folder))
        self._max_bytes = max_bytes
        self._digits = digits
        self._origins = Origins(self.folder)

    def put(self, chunks: Iterable[bytes | memoryview], *, origin: str) -> Entry:
        """Keep a log, and make room for it.

        Args:
            chunks: The unpacked log.
            origin: Where it comes from: ``find`` knows it by that.

        Raises:
            TooLarge: The disk is full, or the log packed is larger than the cache.
            Denied: The folder may not be written.
        """
        with self._mapped():
            self._made()
            name, handle = self._begun()
            try:
                with os.fdopen(handle, "wb") as file:
                    note = self._written(file, chunks, origin)
                    with self._locked():
                        entry = self._published(name, note)
                        self._swept(entry.path)
            finally:
                with suppress(FileNotFoundError):
                    name.unlink()
        return entry

    def get(self, handle: str) -> Entry:
        """The log of a handle, which counts as used now.

        Raises:
            BadRequest: That is no handle.
            NotFound: There is none; the hint says how to get it again, where known.
        """
        match = _HANDLE.fullmatch(handle)
        if not match:
            raise BadRequest(
                f"{handle[:100]} is no handle of a log",
                hint=f"they look like log:{'0' * self._digits}",
            )
        path = self.folder / f"{match[1]}.zst"
        with self._mapped():
            note = read_note(path)
            if note is None:
                raise self._gone(handle)
            with suppress(OSError):  # what cannot be written can still be read
                os.utime(path)
        return _entry(path, note)

    def find(self, origin: str) -> Entry | None:
        """The log that was last fetched from somewhere, if it is still there."""
        fetched = self._origins.last(origin)
        if fetched is None:
            return None
        try:
            entry = self.get(fetched.handle)
        except NotFound:
            return None
        then = datetime.fromisoformat(fetched.fetched_at)
        return replace(entry, origin=origin, fetched_at=then)

    def lose(self, origin: str) -> None:
        """Keep the log, but let ``find`` not know it by where it came from."""
        with self._mapped(), self._locked():
            self._origins.lose(origin)

    def entries(self) -> list[Entry]:
        """Every log, the last used first."""
        with self._mapped():
            found = sorted(self._logs(), key=_last_used, reverse=True)
            notes = [(path, read_note(path)) for path, _ in found]
        return [_entry(path, note) for path, note in notes if note]

    def _made(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if stat.S_IMODE(self.folder.stat().st_mode) != 0o700:  # noqa: PLR2004 - rwx------
            self.folder.chmod(0o700)

    def _begun(self) -> tuple[Path, int]:
        """A new file, locked: nobody takes it for one that a dead process left."""
        name = self.folder / f".{token_hex(8)}.tmp"
        with self._locked():
            handle = _new(name)
            fcntl.flock(handle, fcntl.LOCK_EX)
        return name, handle

    def _written(
        self, file: IO[bytes], chunks: Iterable[bytes | memoryview], origin: str
    ) -> Note:
        import zstandard  # noqa: PLC0415 - not to list what is there

        digest, size, lines, last = hashlib.sha256(), 0, 0, b"\n"
        packer = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        with packer.stream_writer(file, closefd=False) as writer:
            for chunk in chunks:
                writer.write(chunk)
                digest.update(chunk)
                size += len(chunk)
                lines += bytes(chunk).count(b"\n")
                last = bytes(chunk[-1:]) or last
                self._fits(file.tell())
        note = Note(
            digest=digest.hexdigest(),
            origin=origin,
            bytes=size,
            lines=lines + (last != b"\n"),
            fetched_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        file.write(packed(note))
        file.flush()
        os.fsync(file.fileno())
        return note

    def _fits(self, size: int) -> None:
        if size > self._max_bytes:
            raise TooLarge(
                f"the log is larger than the log cache, {self._max_bytes:,} bytes",
                hint="allow the cache to grow larger",
            )

    def _published(self, name: Path, note: Note) -> Entry:
        """Give a complete file its name; the very same log may have had it before."""
        for digits in range(self._digits, len(note.digest) + 1):
            path = self.folder / f"{note.digest[:digits]}.zst"
            there = read_note(path)
            if there is None or there.digest == note.digest:
                break
        name.rename(path)
        entry = _entry(path, note)
        self._origins.remember(
            Fetched(origin=note.origin, handle=entry.handle, fetched_at=note.fetched_at)
        )
        _on_disk(self.folder)
        return entry

    def _swept(self, spared: Path) -> None:
        """Remove what the dead left behind, and what there is no room for."""
        for path in self.folder.glob(".*.tmp"):
            _unlink_if_free(path)
        logs = sorted(self._logs(), key=_last_used)
        excess = sum(status.st_size for _, status in logs) - self._max_bytes
        for path, status in logs:
            if excess > 0 and path != spared:
                path.unlink(missing_ok=True)
                excess -= status.st_size
        self._origins.forget()

    def _logs(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self.folder.glob("*.zst"):
            with suppress(FileNotFoundError):
                yield path, path.stat()

    def _gone(self, handle: str) -> NotFound:
        """What to say of a handle without a log."""
        origin = self._origins.of(handle)
        if origin:
            return NotFound(
                f"{handle} had to make room for newer logs",
                hint=f"fetch it again from {origin}",
            )
        from rapidfuzz import process  # noqa: PLC0415 - only for an error

        there = [f"log:{path.stem}" for path, _ in self._logs()]
        near = process.extract(handle, there, limit=3, score_cutoff=60)
        nearest = f"; nearest: {', '.join(name for name, _, _ in near)}" if near else ""
        return NotFound(
            f"there is no log {handle}; it may have made room for newer ones",
            hint=f"fetch it again from where it came{nearest}",
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone, among all processes and threads."""
        handle = os.open(
            self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            what = f"the log cache {self.folder}"
            if exc.errno in _FULL:
                raise TooLarge(
                    f"no room on the disk for {what}", hint="free some, and try again"
                ) from exc
            if exc.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
                raise Denied(
                    f"may not write to {what}", hint="choose another folder for it"
                ) from exc
            raise Unavailable(f"cannot use {what}: {exc.strerror or exc}") from exc


def _last_used(log: tuple[Path, os.stat_result]) -> int:
    return log[1].st_mtime_ns


def _new(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _unlink_if_free(path: Path) -> None:
    with suppress(FileNotFoundError):
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        except BlockingIOError:  # its writer lives
            pass
        finally:
            os.close(handle)


def _on_disk(folder: Path) -> None:
    """Have the names in a folder written, not only what they name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entry(path: Path, note: Note) -> Entry:
    return Entry(
        handle=f"log:{path.stem}",
        path=path,
        origin=note.origin,
        bytes=note.bytes,
        lines=note.lines,
        fetched_at=datetime.fromisoformat(note.fetched_at),
    )
