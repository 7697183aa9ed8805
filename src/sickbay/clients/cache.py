"""Answers kept for a while: decoded in memory, packed on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zstandard
from cachetools import TLRUCache

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MEMORY_BYTES = 96 << 20
"""Of answers kept in memory, as they were sent: room for 300 commits of the trunk."""

DISK_BYTES = 256 << 20
"""Of answers kept on disk, packed."""

MAX_UNPACKED = 256 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """A value, how large it was, and when it is too old."""

    value: Any
    size: int
    until: float


class Memory:
    """Values by key; the least recently used go when they are too large together.

    Args:
        size: Of them all.
        now: The time.
    """

    def __init__(self, size: int, now: Callable[[], datetime]) -> None:
        self._kept: TLRUCache[object, Kept] = TLRUCache(
            size,
            lambda _key, kept, _now: kept.until,
            lambda: now().timestamp(),
            lambda kept: kept.size,
        )

    def get(self, key: object) -> Kept | None:
        """What is kept and not too old."""
        return self._kept.get(key)

    def put(self, key: object, kept: Kept) -> None:
        """Keep a value, unless it is larger than all may be together."""
        with suppress(ValueError):
            self._kept[key] = kept

    def drop(self, key: object) -> None:
        """Keep a value no longer."""
        self._kept.pop(key, None)


class Disk:
    """A folder of the user's own, one packed file for each answer.

    A file's time stamp is when the answer is too old. What cannot be read or written
    is not there; the work goes on.

    Args:
        folder: Where.
        size: Of all files together, at most.
        now: The time.
    """

    def __init__(
        self, folder: Path, *, now: Callable[[], datetime], size: int = DISK_BYTES
    ) -> None:
        self._folder = folder
        self._size = size
        self._now = now

    def get(self, url: str) -> tuple[bytes, float] | None:
        """The body of an answer, and until when it holds."""
        path = self._path(url)
        with suppress(OSError, zstandard.ZstdError):
            until = path.stat().st_mtime
            if until > self._now().timestamp():
                return _unpacked(path.read_bytes()), until
        return None

    def put(self, url: str, body: bytes, until: float) -> None:
        """Keep the body of an answer; readers see all of it or nothing."""
        packed = zstandard.ZstdCompressor(1, write_checksum=True).compress(body)
        draft = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".")
            with os.fdopen(handle, "wb") as file:
                file.write(packed)
            os.utime(draft, (until, until))
            Path(draft).replace(self._path(url))
            self._shrink()
        except OSError:
            if draft:
                Path(draft).unlink(missing_ok=True)

    def _shrink(self) -> None:
        """Remove what is too old, and then what soonest will be, to fit the size."""
        files = [(p.stat(), p) for p in self._folder.glob("*.zst")]
        files.sort(key=lambda one: one[0].st_mtime)
        too_much = sum(stat.st_size for stat, _ in files) - self._size
        for stat, path in files:
            if too_much <= 0 and stat.st_mtime > self._now().timestamp():
                return
            path.unlink(missing_ok=True)
            too_much -= stat.st_size

    def _path(self, url: str) -> Path:
        digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{digest[:40]}.zst"


def _unpacked(packed: bytes) -> bytes:
    """What was packed, if it is no larger than anything that we pack."""
    if zstandard.frame_content_size(packed) > MAX_UNPACKED:
        raise zstandard.ZstdError("too large")  # the limit below is for unknown sizes
    return zstandard.ZstdDecompressor().decompress(packed, MAX_UNPACKED)
