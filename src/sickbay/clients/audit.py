"""The audit log: who called which tool with what, and how it went."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sickbay.core.errors import Unavailable
from sickbay.render.budget import finite

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_BYTES = 64 << 20
"""Size at which the log is set aside as ``.1``; the one before that goes."""

_LINES = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str)


class AuditLog:
    """Appends JSON lines to a file that several processes may share.

    Writers hold a shared lock while they append, and the one that sets the full log
    aside an exclusive one: no record goes to a file that is about to be dropped.

    Args:
        path: The file; its folder is made with mode 0700.
    """

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file: int | None = None

    def write(self, record: Mapping[str, Any], *, durable: bool = False) -> None:
        """Append one record; a durable one is on the disk when this returns.

        Raises:
            Unavailable: It cannot be written.
        """
        data = _line(record)
        try:
            with self._locked(len(data)) as file:
                _append(file, data)
                if durable:
                    os.fsync(file)
        except OSError as exc:
            self.close()
            raise Unavailable(
                f"the audit log cannot be written: {exc.strerror or exc}",
                hint=f"make {self._path} writable; SICKBAY_STATE moves it",
            ) from exc

    def close(self) -> None:
        """Close the file; the next record opens it again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @contextmanager
    def _locked(self, more: int) -> Iterator[int]:
        file = self._current()
        if os.fstat(file).st_size + more > self._max_bytes:
            self._set_aside(file)
            file = self._current()
        try:
            yield file
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _current(self) -> int:
        """The file that has the log's name now, locked for appending."""
        while True:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(self._path, flags | os.O_NOFOLLOW, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_SH)
            if self._is_named(self._file):
                return self._file
            self.close()

    def _is_named(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self._path.stat())
        except FileNotFoundError:
            return False

    def _set_aside(self, file: int) -> None:
        """Rename the full log, unless another process has just done so."""
        fcntl.flock(file, fcntl.LOCK_EX)
        if self._is_named(file):
            self._path.replace(self._path.with_suffix(".1"))
        self.close()


def _line(record: Mapping[str, Any]) -> bytes:
    try:
        text = _LINES.encode(record)
    except ValueError:
        text = _LINES.encode(finite(record))
    return f"{text}\n".encode("utf-8", "replace")


def _append(file: int, data: bytes) -> None:
    """Append a line, and end first what was cut when a disk was full."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        data = b"\n" + data
    if os.write(file, data) != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
