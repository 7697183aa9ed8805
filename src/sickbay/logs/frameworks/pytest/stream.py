"""Streams: output of one process, told apart by what a tool wrote before each line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.pytest.anchors import DETAIL, HARMLESS, NAME
from sickbay.logs.frameworks.pytest.transcript import Transcript
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sickbay.logs.frameworks.pytest.draft import Draft
    from sickbay.logs.log import Log

_START = Pattern(r"(?P<lead>.*[^=\s] *)=+ test session starts =+\s*$")
_FOLLOWING = 12
_ALIKE = 3


@dataclass(frozen=True, slots=True)
class Stream:
    """The lines of a log that begin with ``prefix``, without it.

    ``spans`` are the first and last numbers of those that tell something: one line,
    or a run of lines that only tell which tests did not fail.
    """

    log: Log
    prefix: str
    spans: Sequence[tuple[int, int]]

    def drafts(self) -> Sequence[Draft]:
        """The sessions in this stream."""
        transcript = Transcript()
        lines = self.log.lines
        for first, last in self.spans:
            if first < last:
                for number, text in lines.stretches(first, last):
                    transcript.harmless(number, text)
                continue
            line = lines.text(first)
            if line is not None:
                transcript.line(first, line.removeprefix(self.prefix))
        return transcript.finish()

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
    numbers = {number for number, name in log.marks.under(NAME) if name != DETAIL}
    runs = log.marks.runs.get(HARMLESS, ())
    prefixes = _prefixes(log)
    if not prefixes:
        return [Stream(log, "", list(_spans(numbers, runs)))]
    numbers.update(number for run in runs for number in run)
    parts: dict[str, list[tuple[int, int]]] = {prefix: [] for prefix in (*prefixes, "")}
    for number in sorted(numbers):
        text = log.lines.text(number) or ""
        owner = next((prefix for prefix in prefixes if text.startswith(prefix)), "")
        parts[owner].append((number, number))
    return [Stream(log, prefix, part) for prefix, part in parts.items() if part]


def _spans(numbers: Iterable[int], runs: Iterable[range]) -> Iterator[tuple[int, int]]:
    """The runs and the lines outside of them, as first and last numbers, in order."""
    spans = [(number, -number) for number in numbers]
    spans += [(run[0], -run[-1]) for run in runs]
    end = 0
    for first, last in sorted(spans):
        if first > end:
            end = -last
            yield first, end


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
