r"""Sections of Buildkite: ``---``, ``+++`` and ``~~~`` headers.

A header stands at the start of its line, behind a time marker where the log has those.
Where every line has a printed time instead, the agent leaves it away from its headers.
``^^^ +++`` opens the section before it again: the agent does so when a command failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern
from sickbay.logs.sections.model import Draft, Outline
from sickbay.logs.sections.place import time_of

if TYPE_CHECKING:
    from sickbay.logs.sections.place import Place

_FILE = Pattern(r"(?:[ab]/)?\S+(?:\t.*)?")


class Buildkite:
    """Headers and exit statuses of the agent."""

    marks = (
        rb"(---)[ \t]+(?=\S)",
        rb"(\+\+\+)[ \t]+(?=\S)",
        rb"(~~~)[ \t]+(?=\S)",
        rb"(\^\^\^) \+\+\+(?=[\s\x1b]|\Z)",
        rb"exited with status (-?[0-9]{1,10})",
        rb"user command error: exit status (-?[0-9]{1,10})",
    )

    def __init__(self) -> None:
        self._reopened = False
        self._rank = 0
        self._diff_line = 0

    def mark(self, outline: Outline, place: Place) -> None:
        """Take a header, or the status that a command exited with."""
        kind = place.group(1)
        current = outline.innermost()
        if kind.lstrip("-").isdecimal():
            if current and self._reopened:
                current.exited(int(kind))
        elif not place.before.strip() and self._trusted(place):
            if kind == "^^^":
                self._reopen(current)
            else:
                self._header(outline, current, place, kind)

    def _trusted(self, place: Place) -> bool:
        """Whether what stands before a header is what headers of this log have."""
        before = place.raw_before
        rank = 2 if b"\x1b_bk;" in before else 1 if b"Z]" not in before else 0
        self._rank = max(self._rank, rank)
        return rank == self._rank

    def _reopen(self, current: Draft | None) -> None:
        if current:
            current.failed = self._reopened = True

    def _header(
        self, outline: Outline, current: Draft | None, place: Place, kind: str
    ) -> None:
        name = place.rest.strip()
        if not name or name.endswith(" ---"):
            return
        if kind == "---" and _is_diff(name, place.next_line):
            self._diff_line = place.number + 1
        if place.number in {self._diff_line, self._diff_line - 1}:
            return
        if current:
            outline.close(current, place.number - 1, place.time_s)
        self._reopened = False
        outline.open(Draft(name, place.number, place.time_s, kind=kind))

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Close the last section."""
        current = outline.innermost()
        if current:
            outline.close(current, total, time_of(last_line))


def _is_diff(name: str, next_line: str) -> bool:
    """Whether a header and the line after it are the file names of a unified diff."""
    kind, _, other = next_line.partition(" ")
    return kind == "+++" and all(map(_FILE.fullmatch, (name, other.rstrip())))
