"""Runs: neighbouring lines that say the same of different things, found at once.

A test run of a hundred thousand tests says of nearly each of them that it passed. Such
lines are told from the others before any of them is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sickbay.logs.rules.expression import compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from sickbay.logs.anchors import Anchor

FEWEST = 8
"""Lines from which a run is cheaper than its lines one by one."""

PROBED, PROBE, STEP = 1 << 20, 8 << 10, 64 << 10
"""Bytes of a block from which its words are only looked for in probes, so that a block
without runs costs nothing; of a probe; and from one probe to the next."""


class Run(NamedTuple):
    """Neighbouring lines of a block, all found by one anchor.

    Attributes:
        start: Offset of the first of them.
        stop: Offset behind the line end of the last of them.
        name: Of the anchor.
        lines: How many they are.
    """

    start: int
    stop: int
    name: str
    lines: int


class Runs:
    """Finds runs.

    Args:
        anchors: What is found as runs.
    """

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self._anchors = anchors
        self._patterns: dict[str, Any] = {}

    def of(self, block: bytes) -> Sequence[Run]:
        """The runs in a block of whole lines, none within another."""
        found: list[Run] = []
        for run in sorted(run for one in self._anchors for run in self._of(one, block)):
            if not found or run.start >= found[-1].stop:
                found.append(run)
        return found

    def _of(self, anchor: Anchor, block: bytes) -> Iterator[Run]:
        word = anchor.word.encode()
        at = block.find(word) if _is_likely(word, block) else -1
        while at >= 0:
            start = block.rfind(b"\n", 0, at) + 1
            match = self._pattern(anchor).match(block, start)
            stop = match.end() if match else block.find(b"\n", at) + 1
            lines = block.count(b"\n", start, stop)
            if match and lines >= FEWEST:
                yield Run(start, stop, anchor.name, lines)
            at = block.find(word, stop) if stop else -1

    def _pattern(self, anchor: Anchor) -> Any:  # noqa: ANN401 - RE2 ships no types
        pattern = self._patterns.get(anchor.name)
        if pattern is None:
            pattern = compiled(f"(?m:(?:{anchor.pattern}\\n)+)")
            self._patterns[anchor.name] = pattern
        return pattern


def _is_likely(word: bytes, block: bytes) -> bool:
    """Whether there may be enough lines with a word to look for them."""
    return len(block) < PROBED or any(
        word in block[at : at + PROBE] for at in range(0, len(block), STEP)
    )
