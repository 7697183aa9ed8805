"""What could not be looked at, so that the rest of an answer still counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sickbay.core.errors import SickbayError
from sickbay.core.results import Coverage, Skipped

if TYPE_CHECKING:
    from collections.abc import Awaitable

Found = TypeVar("Found")


class Gaps:
    """Collects what is missing from one answer, and why.

    Attributes:
        skipped: In the order in which it turned out.
        first: The first error that was met.
    """

    def __init__(self) -> None:
        self.skipped: list[Skipped] = []
        self.first: SickbayError | None = None

    async def tried(self, what: str, asked: Awaitable[Found]) -> Found | None:
        """What was asked for, or None where it is not to be had."""
        try:
            return await asked
        except SickbayError as exc:
            self.first = self.first or exc
            self.note(what, str(exc))
            return None

    def note(self, what: str, why: str) -> None:
        """Something is missing."""
        self.skipped.append(Skipped(what, why))

    def coverage(self, examined: int, total: int | None) -> Coverage:
        """How much was looked at, and what was not."""
        return Coverage(examined, total, tuple(dict.fromkeys(self.skipped)))
