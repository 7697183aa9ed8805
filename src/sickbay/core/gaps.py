"""What could not be looked at, so that the rest of an answer still counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.core.errors import SickbayError
from sickbay.core.results import Coverage, Skipped

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

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
            return self.had(what, exc)

    def had(self, what: str, found: Found | SickbayError) -> Found | None:
        """What was found, or None where it is the reason why it is not to be had."""
        if not isinstance(found, SickbayError):
            return found
        self.first = self.first or found
        self.note(what, str(found))
        return None

    def note(self, what: str, why: str) -> None:
        """Something is missing."""
        self.skipped.append(Skipped(what, why))

    def rows(
        self,
        what: str,
        rows: Iterable[Mapping[str, Any]],
        read: Callable[[Mapping[str, Any]], Found],
    ) -> list[Found]:
        """The rows of a query that make sense; that others do not is noted."""
        found, odd = [], 0
        for row in rows:
            try:
                found.append(read(row))
            except (ValueError, TypeError):
                odd += 1
        if odd:
            self.note(f"{odd} rows of {what}", "they could not be read")
        return found

    def coverage(self, examined: int, total: int | None) -> Coverage:
        """How much was looked at, and what was not."""
        return Coverage(examined, total, tuple(dict.fromkeys(self.skipped)))
