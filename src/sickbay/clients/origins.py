"""Which log was last fetched from where, and where a log that had to go came from."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_ORIGINS = 2_000
"""Remembered, those of logs that had to go included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """That a log was fetched from somewhere."""

    origin: str
    handle: str
    fetched_at: str


class Origins:
    """A small file for each origin, beside the logs.

    Args:
        folder: Of the logs; whoever writes to it is alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def remember(self, fetched: Fetched) -> None:
        """Note what was fetched last from an origin."""
        draft = self._folder / ".origin.tmp"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with os.fdopen(os.open(draft, flags, 0o600), "w") as file:
            json.dump(asdict(fetched), file)
        draft.rename(self._path(fetched.origin))

    def last(self, origin: str) -> Fetched | None:
        """What was fetched last from an origin."""
        return _read(self._path(origin))

    def lose(self, origin: str) -> None:
        """Forget what was fetched last from an origin."""
        self._path(origin).unlink(missing_ok=True)

    def of(self, handle: str) -> str | None:
        """Where a log came from."""
        known = (_read(path) for path in self._paths())
        return next((k.origin for k in known if k and k.handle == handle), None)

    def forget(self, keep: int = MAX_ORIGINS) -> None:
        """Forget the oldest."""
        paths = sorted(self._paths(), key=lambda path: path.stat().st_mtime_ns)
        for path in paths[: max(0, len(paths) - keep)]:
            path.unlink(missing_ok=True)

    def _paths(self) -> Iterator[Path]:
        return self._folder.glob("*.origin")

    def _path(self, origin: str) -> Path:
        key = hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{key[:32]}.origin"


def _read(path: Path) -> Fetched | None:
    with suppress(OSError, ValueError, TypeError):
        return Fetched(**json.loads(path.read_bytes()))
    return None
