"""The cleaned lines of a log, by their raw line number.

A log that fits is kept whole. Of a huge one, the head, the tail and windows around
what matters are kept; the gaps answer ``None``.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_TEXT = 4096
"""Characters of one line that readers see; ``raw`` gives the whole line."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring lines: raw numbers ``first .. first + len(texts) - 1``."""

    first: int
    texts: list[bytes]

    @property
    def last(self) -> int:
        """Raw number of the last line."""
        return self.first + len(self.texts) - 1


class Lines:
    """Cleaned lines addressed by 1-based raw line number.

    Args:
        runs: The kept stretches, ascending, not touching each other.
        total: How many lines the raw log has.
    """

    __slots__ = ("_firsts", "_runs", "total")

    def __init__(self, runs: Sequence[Run], total: int) -> None:
        self._runs = [run for run in runs if run.texts]
        self._firsts = [run.first for run in self._runs]
        self.total = total

    def __len__(self) -> int:
        """How many lines are kept."""
        return sum(len(run.texts) for run in self._runs)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        """Every kept line as ``(raw number, text)``."""
        return self.between(1, self.total)

    def raw(self, number: int) -> bytes | None:
        """The whole cleaned line as bytes, or ``None`` when it was not kept."""
        index = bisect_right(self._firsts, number) - 1
        if index < 0:
            return None
        run = self._runs[index]
        offset = number - run.first
        return run.texts[offset] if offset < len(run.texts) else None

    def text(self, number: int) -> str | None:
        """The line as text of at most ``MAX_TEXT`` characters, ``None`` in a gap."""
        raw = self.raw(number)
        return None if raw is None else decoded(raw)

    def between(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Kept lines ``first..last``, both included, as ``(raw number, text)``."""
        start = max(bisect_right(self._firsts, first) - 1, 0)
        for run in self._runs[start:]:
            if run.first > last:
                return
            low = max(first - run.first, 0)
            for number, raw in enumerate(
                run.texts[low : last - run.first + 1], run.first + low
            ):
                yield number, decoded(raw)

    def stretches(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Kept lines ``first..last`` as few texts of whole lines, not clipped.

        Returns:
            For each text, the raw number of its first line and the text.
        """
        start = max(bisect_right(self._firsts, first) - 1, 0)
        for run in self._runs[start:]:
            if run.first > last:
                return
            low = max(first - run.first, 0)
            texts = run.texts[low : last - run.first + 1]
            if texts:
                yield run.first + low, b"\n".join(texts).decode("utf-8", "replace")

    def after(self, number: int, count: int) -> list[str]:
        """Texts of up to ``count`` lines right after ``number``, up to a gap."""
        return self._walk(range(number + 1, number + 1 + count))

    def before(self, number: int, count: int) -> list[str]:
        """Texts of up to ``count`` lines right before ``number``, in log order."""
        return self._walk(range(number - 1, number - 1 - count, -1))[::-1]

    def _walk(self, numbers: range) -> list[str]:
        texts = []
        for number in numbers:
            raw = self.raw(number)
            if raw is None:
                break
            texts.append(decoded(raw))
        return texts


def decoded(raw: bytes) -> str:
    """One line as text, clipped; undecodable bytes become U+FFFD."""
    return raw[: 4 * MAX_TEXT].decode("utf-8", "replace")[:MAX_TEXT]
