"""Streams: output of one process, told apart by what a tool wrote before each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.pytest.anchors import DETAIL, NAME
from sickbay.logs.frameworks.pytest.transcript import Transcript
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.frameworks.pytest.draft import Draft
    from sickbay.logs.log import Log

_START = Pattern(r"(?P<lead>.*[^=\s] *)=+ test session starts =+\s*$")
_FOLLOWING = 12
_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Stream:
    """The lines of a log that begin with ``prefix``, without it."""

    log: Log
    prefix: str
    numbers: Sequence[int]

    def drafts(self) -> Sequence[Draft]:
        """The sessions in this stream."""
        return Transcript().read(self._marked())

    def _marked(self) -> Iterator[tuple[int, str]]:
        for number in self.numbers:
            text = self.log.lines.text(number)
            if text is not None:
                yield number, text.removeprefix(self.prefix)

    def between(self, first: int, last: int) -> Sequence[tuple[int, str]]:
        """The stream's lines between two raw numbers, both included."""
        size = len(self.prefix)
        bare = self.prefix.rstrip()
        return [
            (number, text[size:].rstrip())
            for number, text in self.log.lines.between(first, last)
            if text.startswith(bare)
        ]


def streams(log: Log) -> Sequence[Stream]:
    """One stream per prefix; most logs have just one, without any prefix."""
    marked = (number for number, name in log.marks.under(NAME) if name != DETAIL)
    numbers = list(dict.fromkeys(marked))
    prefixes = _prefixes(log)
    if not prefixes:
        return [Stream(log, "", numbers)]
    parts: dict[str, list[int]] = {prefix: [] for prefix in (*prefixes, "")}
    for number in numbers:
        text = log.lines.text(number) or ""
        owner = next((prefix for prefix in prefixes if text.startswith(prefix)), "")
        parts[owner].append(number)
    return [Stream(log, prefix, part) for prefix, part in parts.items() if part]


def _prefixes(log: Log) -> Sequence[str]:
    """What stands before a session's first bar and before the lines after it."""
    found = []
    for number in log.marks.at("pytest.bar"):
        match = _START.match(log.lines.text(number) or "")
        if match:
            lead = match["lead"]
            following = log.lines.after(number, _FOLLOWING)
            alike = sum(text.startswith(lead.rstrip()) for text in following)
            if alike >= _ALIKE:
                found.append(lead)
    return list(dict.fromkeys(found))
