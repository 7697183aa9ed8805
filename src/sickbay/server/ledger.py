"""Remembers which answers were used: across restarts, and processes that share it."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sickbay.core.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path

KEPT_S = 3600.0
"""Longer than any seal holds (``RequestStateSecurity``: 600 s)."""


class Ledger:
    """One empty file for each answer that was used.

    Args:
        folder: Where they are; made with mode 0700 on first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def use(self, nonce: str) -> bool:
        """Whether an answer is used for the first time.

        Raises:
            Unavailable: It cannot be written down.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget()
            return self._noted(nonce)
        except OSError as exc:
            raise Unavailable(
                f"cannot note which answers were used: {exc.strerror or exc}",
                hint=f"make {self._folder} writable; SICKBAY_STATE moves it",
            ) from exc

    def _noted(self, nonce: str) -> bool:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            os.close(os.open(self._folder / nonce, flags, 0o600))
        except FileExistsError:
            return False
        return True

    def _forget(self) -> None:
        """Drop what no seal vouches for any more."""
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):  # another process was faster
                if path.stat().st_mtime < time.time() - KEPT_S:
                    path.unlink()
