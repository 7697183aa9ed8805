"""Anchors: the lines that a reader of logs looks for, found in one fast pass.

Every reader (test frameworks, sections, causes) declares the lines it wants to be
woken for. The scan finds them all at once, together with the rules, so that a log
of half a gigabyte is never walked line by line in Python.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Anchor:
    r"""One kind of line that a reader wants to be woken for.

    Args:
        name: ``reader.what``, e.g. ``pytest.summary``. Unique.
        pattern: RE2 syntax without look-around, backreferences or inline flags,
            matched against one cleaned line as bytes (``\d``, ``\w`` are ASCII).
            Specific beats short: it is tried on every line of every log. The scan
            sees bytes, many lines at once: a class or a repeat of a character outside
            of ASCII fails silently (write ``(?:é)+``), and ``\s`` or a negated
            class at an end reaches into the next line (write ``[ \t]*$``).
        before: Lines before it to keep when the log is too big to keep whole.
        after: Lines after it to keep then.
        word: For lines that come by the thousand and say nearly the same: what each of
            them holds. They are found as runs, apart from all other anchors.
        apart: Not looked for in runs, which tell the reader as much.
    """

    name: str
    pattern: str
    before: int = 0
    after: int = 0
    word: str = ""
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the anchors are: raw line numbers per anchor name, ascending.

    Of those that are found as runs, ``runs`` has the numbers of neighbouring lines.
    """

    by_name: dict[str, list[int]] = field(default_factory=dict)
    runs: dict[str, list[range]] = field(default_factory=dict)

    def at(self, name: str) -> Sequence[int]:
        """Line numbers of one anchor."""
        return self.by_name.get(name, ())

    def under(self, reader: str) -> Sequence[tuple[int, str]]:
        """Every mark of one reader as ``(line number, anchor name)``, in log order."""
        prefix = reader + "."
        return sorted(
            (number, name)
            for name, numbers in self.by_name.items()
            if name.startswith(prefix)
            for number in numbers
        )

    def any(self, reader: str) -> bool:
        """Whether any anchor of this reader was seen."""
        prefix = reader + "."
        return any(name.startswith(prefix) for name in self.by_name)

    def between(self, name: str, first: int, last: int) -> Sequence[int]:
        """Line numbers of one anchor within ``first..last``, both included."""
        numbers = self.by_name.get(name, [])
        return numbers[bisect_left(numbers, first) : bisect_right(numbers, last)]
