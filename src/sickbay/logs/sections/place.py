"""Where a mark of a section stands in a raw log, and what is written around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sickbay.logs.escapes import without_escapes
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    import re

    from sickbay.logs.sections.model import Outline

_LONGEST = 4096
_TIME = Pattern(
    r"([12]\d{3})-(0[1-9]|1[0-2])-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?Z"
    r"|\x1b_bk;t=(\d{10,16})\x07"
)
_BEFORE = Pattern(
    r"(?:[^\t]{1,200}\t[^\t]{1,200}\t)?\ufeff?\[?\d{4}-\d\d-\d\dT[\d:.]{8,18}Z\]?"
    r"(?: \d\d[OE])?[ +]?"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One mark in a block of raw lines.

    Args:
        number: Raw number of its line.
        block: The block.
        match: The mark.
    """

    number: int
    block: bytes
    match: re.Match[bytes]

    def group(self, index: int) -> str:
        """One group of the mark as text, empty when it took no part."""
        return (self.match[index] or b"").decode("utf-8", "replace")

    @property
    def before(self) -> str:
        """What the line shows before the mark, without its time stamp.

        Of what carriage returns part, only the last counts.
        """
        return _unstamped(visible(self.raw_before[-_LONGEST:]).rpartition("\r")[2])

    @property
    def raw_before(self) -> bytes:
        """The bytes of the line before the mark."""
        start = self.block.rfind(b"\n", 0, self.match.start()) + 1
        return self.block[start : self.match.start()]

    @property
    def rest(self) -> str:
        """What the line shows after the mark."""
        return visible(self._line_from(self.match.end()))

    @property
    def next_line(self) -> str:
        """What the next line shows, empty at the end of the block."""
        end = self.block.find(b"\n", self.match.end())
        return _unstamped(visible(self._line_from(end + 1))) if end >= 0 else ""

    @property
    def time_s(self) -> float | None:
        """The time stamp in front of the mark, else the one of the next line."""
        start = self.block.rfind(b"\n", 0, self.match.end()) + 1
        end = self.block.find(b"\n", self.match.end())
        own = time_of(self._line_from(start))
        if own is not None or end < 0:
            return own
        return time_of(self._line_from(end + 1))

    def _line_from(self, start: int) -> bytes:
        end = self.block.find(b"\n", start, start + _LONGEST)
        return self.block[start : end if end >= 0 else start + _LONGEST]


class Dialect(Protocol):
    """How one CI marks its sections."""

    @property
    def marks(self) -> tuple[bytes, ...]:
        """Regular expressions over raw bytes; fast when they start with a literal."""
        ...

    def mark(self, outline: Outline, place: Place) -> None:
        """Take one mark, in log order."""
        ...

    def end(self, outline: Outline, total: int, last_line: bytes) -> None:
        """Take the end of the log."""
        ...


def _unstamped(text: str) -> str:
    stamp = _BEFORE.match(text)
    return text[stamp.end() :] if stamp else text


def visible(raw: bytes) -> str:
    """One raw line, or a part of it, without escape sequences."""
    return without_escapes(raw).decode("utf-8", "replace")


def time_of(raw: bytes) -> float | None:
    """The Unix time of the first stamp on a raw line, ``None`` without one."""
    stamp = _TIME.search(raw[:512].decode("utf-8", "replace"))
    if stamp is None:
        return None
    if stamp[8]:
        return int(stamp[8]) / 1000
    from calendar import timegm  # noqa: PLC0415 - most logs give no time

    whole = timegm(tuple(int(stamp[index]) for index in range(1, 7)))
    return whole + float(stamp[7] or 0)
