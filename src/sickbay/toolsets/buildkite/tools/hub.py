"""GitHub during one scan: what it does not say is told once, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sickbay.core.errors import SickbayError, TimedOut, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sickbay.core.gaps import Gaps

Found = TypeVar("Found")


class Hub:
    """Asks GitHub; where it does not answer, the rest of the scan does without."""

    def __init__(self) -> None:
        self._gone: SickbayError | None = None
        self._missing: dict[tuple[str, str], tuple[SickbayError, list[str]]] = {}

    async def tried(
        self, what: str, asked: Callable[[], Awaitable[Found]]
    ) -> Found | None:
        """What was asked for, or None where it is not to be had."""
        try:
            if self._gone is not None:
                raise self._gone
            return await asked()
        except SickbayError as exc:
            if isinstance(exc, (Unavailable, TimedOut)):
                self._gone = exc
            _, whats = self._missing.setdefault((exc.kind, exc.hint), (exc, []))
            whats.append(what)
            return None

    def note(self, gaps: Gaps) -> None:
        """Tell what is missing, once for each reason."""
        for error, whats in self._missing.values():
            gaps.note(", ".join(whats), str(error))
