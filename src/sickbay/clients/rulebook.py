"""The built-in rules, compiled once for all who look for failures in logs."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from sickbay.clients.store import FileCache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sickbay.core.tool import Call
    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.rules.model import Rule

PREPARING = "Preparing the rules; that takes seconds, once per version of them."


class Rulebook:
    """What to look for in logs. For worker threads: the first use may take seconds.

    Args:
        cache: The cache folder; compiled rules are kept below it.
    """

    def __init__(self, cache: Path) -> None:
        self._folder = cache / "rules"
        self._loading = Lock()
        self._catalogue: Catalogue | None = None

    def rules(self) -> Sequence[Rule]:
        """The rules as they are written."""
        from sickbay.logs.rules.builtin import builtin_rules  # noqa: PLC0415 - slow

        return builtin_rules(self._kept())

    def wanted(self, call: Call) -> Catalogue:
        """The rules, compiled, and all else to look for; tells the caller to wait."""
        from sickbay.logs.catalogue import catalogue  # noqa: PLC0415 - see rules

        with self._loading:
            if self._catalogue is None:
                import numpy as np  # noqa: F401, PLC0415 - sweeps logs faster

                found = catalogue(cache=self._kept(partial(call.say, PREPARING)))
                found.engine  # noqa: B018 - compiled by one thread, for all of them
                self._catalogue = found
        return self._catalogue

    def _kept(self, missed: Callable[[], None] | None = None) -> FileCache:
        return FileCache(self._folder, missed=missed)
