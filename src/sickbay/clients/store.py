"""Compiled rule databases on disk, so that only the first run pays for compiling."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable


class FileCache:
    """One file per key in a folder of the user's own.

    A folder that cannot be written (read-only home, full disk) means that nothing is
    kept; the work goes on.

    Args:
        folder: Where; the user's cache folder by default.
        missed: Told once, when something is not there and has to be made: that may
            take seconds.
    """

    def __init__(
        self, folder: Path | None = None, *, missed: Callable[[], None] | None = None
    ) -> None:
        self._missed = missed
        self._folder = folder or user_cache_path("sickbay") / "rules"

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key."""
        try:
            return (self._folder / key).read_bytes()
        except OSError:
            missed, self._missed = self._missed, None
            if missed:
                missed()
            return None

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key; readers see all of them or none."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            import tempfile  # noqa: PLC0415 - the first run alone keeps something

            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(self._folder / key)
        except OSError:
            Path(name).unlink(missing_ok=True)
