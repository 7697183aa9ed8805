"""Tidies a store by itself, in the background, where it pays."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from sickbay.core.errors import SickbayError
from sickbay.history.delta.rewriting import Rewriter
from sickbay.history.delta.tidying import Tidying
from sickbay.history.delta.tiers import overdue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from sickbay.history.delta.tables import Tables
    from sickbay.history.face import Keep, Tidied

REST = 1
"""Times as long as it took last, nothing is tidied: half a core at most."""

GIVEN_UP_S = 60.0
"""Rest after it failed."""

PATIENCE_S = 5.0
"""How long whoever closes a history waits: what is given up is done the next time."""


class Upkeep:
    """Tidies the tables of a store, now or in the background.

    Args:
        tables: Of the store.
        keep: What stays when it is done in the background.
        now: The time.
        dead_for: How long files that went are kept for those who read them.
    """

    def __init__(
        self,
        tables: Tables,
        *,
        keep: Keep,
        now: Callable[[], datetime],
        dead_for: timedelta,
    ) -> None:
        self._tables = tables
        self._keep = keep
        self._now = now
        self._dead_for = dead_for
        self._thread: threading.Thread | None = None
        self._rewriter: Rewriter | None = None
        self._rested_at = 0.0

    def tidy(self, keep: Keep, *, force: bool = False, repair: bool = False) -> Tidied:
        """Tidy now, or when what goes on in the background is done.

        Raises:
            SickbayError: It cannot be done.
        """
        if self._thread:
            self._thread.join()
        return self._tidied(keep, force=force, repair=repair)

    def look(self) -> None:
        """Start to tidy, if it pays, and not again and again."""
        busy = self._thread and self._thread.is_alive()
        if busy or time.monotonic() < self._rested_at or not self._overdue():
            return
        self._thread = threading.Thread(target=self._in_background, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait for what is being done; not for long."""
        if self._thread is None:
            return
        self._thread.join(PATIENCE_S)
        while self._thread.is_alive():
            if rewriter := self._rewriter:
                rewriter.interrupt()
            self._thread.join(0.1)

    def _overdue(self) -> bool:
        states = self._tables.states().values()
        return any(
            overdue({path: file.rows for path, file in state.files.items()})
            for state in states
        )

    def _in_background(self) -> None:
        began = time.monotonic()
        rest_s = GIVEN_UP_S
        with suppress(SickbayError):  # whoever asks for the state of the store is told
            self._tidied(self._keep)
            rest_s = REST * (time.monotonic() - began)
        self._rested_at = time.monotonic() + rest_s

    def _tidied(
        self, keep: Keep, *, force: bool = False, repair: bool = False
    ) -> Tidied:
        with Rewriter(self._tables.folder) as self._rewriter:
            return Tidying(
                self._tables,
                self._rewriter,
                keep=keep,
                now=self._now(),
                dead_for=self._dead_for,
                force=force,
                repair=repair,
            ).done()
