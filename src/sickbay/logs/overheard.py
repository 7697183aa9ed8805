"""Hears the cleaned blocks of a log while it is scanned: one reading serves two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.logs.catalogue import Catalogue
from sickbay.logs.keep import Limits
from sickbay.logs.scan import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sickbay.logs.log import Log
    from sickbay.logs.rules.engine import Engine, Hit

    Ear = Callable[[bytes], object]

_NOTHING = Limits(whole=0, windows=0, tail=0)


def overheard(
    parts: Iterable[bytes | memoryview],
    hear: Ear,
    *,
    source: str,
    looking_for: Catalogue | None = None,
) -> Log:
    """Scan a log, and pass on its cleaned blocks of whole lines.

    Args:
        parts: The raw log.
        hear: Called with each block, in order.
        source: What the log is called.
        looking_for: What to look for; nothing by default, and nothing is kept then.
    """
    nothing = looking_for is None
    inner = None if looking_for is None else looking_for.engine
    wanted = looking_for or Catalogue((), 0)
    listening = replace(wanted)
    vars(listening).update(vars(wanted), engine=_Listening(inner, hear))
    limits = _NOTHING if nothing else None
    scanner = Scanner(listening, source=source, limits=limits)
    for part in parts:
        scanner.feed(part)
    return scanner.finish()


class _Listening:
    """An engine that tells which blocks it scans."""

    def __init__(self, engine: Engine | None, hear: Ear) -> None:
        self._engine = engine
        self._hear = hear

    def scan(self, block: bytes) -> list[Hit]:
        """Every hit of the engine, if there is one."""
        self._hear(block)
        return self._engine.scan(block) if self._engine else []
