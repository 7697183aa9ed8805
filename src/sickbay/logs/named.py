"""Named patterns: how often each is in a log, and where first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest
from sickbay.logs.excerpt import shown
from sickbay.logs.needle import any_of, needle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.logs.needle import Needle
    from sickbay.logs.stream import Block

MAX_PATTERNS = 50
"""Patterns that are looked for at once."""

MAX_SHOWN = 200
"""Bytes of a sample, and of what a group captured."""

GROUPS: Mapping[str, Mapping[str, str]] = {
    "compilation": {
        "compile_error": r"\berror(?:\[\w+\]|\s+[A-Z]{1,4}\d+)?:",
        "undefined_reference": r"undefined reference to|unresolved external symbol",
        "build_failed": r"(?i)\bbuild failed\b|^ninja: build stopped|^make.*\*\*\* ",
    },
    "tests": {
        "failed_test": r"\bFAIL(?:ED|URE)?\b",
        "assertion": r"\bAssertionError\b|(?i)\bassertion\b.{0,80}\bfailed\b",
    },
    "resources": {
        "out_of_memory": r"OutOfMemory|(?i)\bout of memory\b|\boom[- ]?kill",
        "timeout": r"(?i)\btimed?[ -]?out\b",
        "disk_full": r"(?i)no space left on device|disk quota exceeded",
    },
    "cuda": {
        "cuda_error": r"CUDA (?:error|exception)|\bcudaError\w*|\bCUBLAS_STATUS_\w+",
        "cuda_launch": r"\bcu(?:da)?LaunchKernel\w*",
        "nccl_error": r"NCCL (?:error|WARN)|\bncclSystemError\b",
    },
    "warnings": {"warning": r"(?i)\bwarn(?:ing)?\b(?:\[\w+\])?:|\b[A-Z]\w*Warning\b"},
    "exceptions": {
        "exception": r"\b[A-Z]\w*(?:Error|Exception)\b",
        "traceback": r"^\s*Traceback \(most recent call last\)",
    },
}
"""What to look for by default: group, name and pattern."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One line that a named pattern is on."""

    line_number: int
    text: str
    captures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many lines a named pattern is on, and the first of them."""

    name: str
    group: str
    pattern: str
    count: int = 0
    samples: tuple[Sample, ...] = ()


def tallies(
    blocks: Iterable[Block],
    groups: Mapping[str, Mapping[str, str]],
    *,
    samples: int = 5,
) -> tuple[Tally, ...]:
    """Count the lines that each of many patterns is on.

    Args:
        blocks: The log.
        groups: Group, name and pattern, in RE2 syntax.
        samples: How many lines of each to show.

    Raises:
        BadRequest: A pattern is wrong (says which), or there are too many.
    """
    rows = [
        (group, name, pattern)
        for group, named in groups.items()
        for name, pattern in named.items()
    ]
    if len(rows) > MAX_PATTERNS:
        raise BadRequest(
            f"{len(rows)} patterns, at most {MAX_PATTERNS} at once",
            hint="ask for some of them first",
        )
    if not rows:
        return ()
    counters = [_Counter(*row, samples) for row in rows]
    either = any_of([counter.needle for counter in counters])
    for block in blocks:
        hits = _Hits(block, either)
        for counter in counters:
            counter.see(hits)
    return tuple(counter.tally() for counter in counters)


class _Hits:
    """The lines of a block that any of the patterns is on, put together."""

    def __init__(self, block: Block, either: Needle) -> None:
        text, number, done = block.text, block.first, 0
        lines, self._numbers = [], []
        for start, stop, _ in either.lines(text):
            number += text.count(b"\n", done, start)
            done = start
            lines.append(text[start:stop])
            self._numbers.append(number)
        self.text = b"\n".join(lines)

    def number(self, start: int) -> int:
        """Raw number of the line that starts at an offset."""
        return self._numbers[self.text.count(b"\n", 0, start)]


class _Counter:
    """Counts the lines that one named pattern is on."""

    def __init__(self, group: str, name: str, pattern: str, samples: int) -> None:
        self._group = group
        self._name = name
        self._most = samples
        self._count = 0
        self._samples: list[Sample] = []
        try:
            self.needle = needle(pattern)
        except BadRequest as exc:
            raise BadRequest(f"{name}: {exc.message}", hint=exc.hint) from None

    def see(self, hits: _Hits) -> None:
        """Look for the pattern on the lines that something was found on."""
        for start, stop, at in self.needle.lines(hits.text):
            self._count += 1
            if len(self._samples) >= self._most:
                continue
            line = hits.text[start:stop]
            captures = tuple(part[:MAX_SHOWN] for part in self.needle.captures(line))
            text = shown(line, MAX_SHOWN, at - start)
            self._samples.append(Sample(hits.number(start), text, captures))

    def tally(self) -> Tally:
        """What was counted."""
        return Tally(
            self._name,
            self._group,
            self.needle.pattern,
            self._count,
            tuple(self._samples),
        )
