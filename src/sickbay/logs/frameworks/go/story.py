"""What the output of one Go test says: its message, a panic, the frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.results import Frame, TestResult
from sickbay.logs.frameworks.totals import span
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.logs.report import Outcome

NAME = "go"

_ENTRY = Pattern(r"(?:.*?\S {4}|\s*)([^\s:]+\.go):(\d+): ?(.*)$")
_PANIC = Pattern(r"\s*(panic|fatal error): (.*)$")
_RECOVERED = Pattern(r" \[recovered.*?\]$")
_CALL = Pattern(
    r"(?:created by )?((?>[\w./~%-]+\.)[\w.*()\[\]-]+?)"
    r"(?:\(.*\)| in goroutine \d+)?$"
)
_PLACE = Pattern(r"\s+(\S+):(\d+)(?: \+0x[0-9a-f]+)?$")
_EXAMPLE = Pattern(r"(?:got|want):?$")
_TELLING = Pattern(
    r"(?i)\b(?:err(?:or)?|fail(?:ed|ure|s)?|want(?:ed)?|expect\w*|got|unexpected\w*"
    r"|should|must|panic\w*|mismatch|invalid|cannot|can't|unable|timed? ?out|!=)\b"
)
_TESTIFY = Pattern(r"\s+Error: ++\t?(.*\S)")

_NEAR = 10
"""Lines within which a ``--- FAIL`` line and what the test says are one span."""

_DEPTH = 20
"""Subtests within subtests that are followed."""

_DUMP = 80
"""Lines of a panic's dump that are read for its frames."""


@dataclass(frozen=True, slots=True)
class Story:
    """What a test's output says, and where.

    Args:
        first: The line that says it.
        last: The last line that belongs to it.
    """

    first: int
    last: int
    message: str
    outcome: Outcome = "failed"
    exception: str | None = None
    frames: tuple[Frame, ...] = ()


def story(output: Sequence[tuple[int, str]]) -> Story | None:
    """The story that numbered lines of output tell, ``None`` when they tell none."""
    for index, (number, text) in enumerate(output):
        match = _PANIC.match(text)
        if match:
            return panicked(number, output[index:])
    return _example(output) or _entry(output)


def panicked(number: int, output: Sequence[tuple[int, str]]) -> Story | None:
    """The story of a panic, given the lines from its own on."""
    match = _PANIC.match(output[0][1]) if output else None
    if not match:
        return None
    message = _RECOVERED.sub("", match[2])
    timed_out = message.startswith("test timed out")
    return Story(
        first=number,
        last=number + 9,
        message=message,
        outcome="timed_out" if timed_out else "crashed",
        exception=match[1],
        frames=_frames([text for _, text in output[:_DUMP]]),
    )


def failure(test_id: str, number: int, told: Story | None) -> TestResult:
    """The result of a test that is marked as failed on a line."""
    if told is None:
        return TestResult(test_id, NAME, "failed", number, span=(number, number))
    first, last = min(number, told.first), max(number, told.last)
    near = last - first < _NEAR
    return TestResult(
        test_id,
        NAME,
        told.outcome,
        told.first,
        message=told.message,
        exception=told.exception,
        span=(first, last) if near else span(told.first, told.last),
        frames=told.frames,
    )


def with_parents(results: Iterable[TestResult]) -> list[TestResult]:
    """The results, where a parent that says nothing says what its first child says.

    And the other way round for a child whose panic Go shows under its parent.
    """
    results = list(results)
    below: dict[str, TestResult] = {}
    panicked: dict[str, TestResult] = {}
    for result in results:
        if result.message:
            for parent in _parents(result.test_id):
                below.setdefault(parent, result)
            if result.outcome == "crashed":
                panicked.setdefault(result.test_id, result)
    return [
        result if result.message else _as_kin(result, below, panicked)
        for result in results
    ]


def _as_kin(
    silent: TestResult,
    below: Mapping[str, TestResult],
    panicked: Mapping[str, TestResult],
) -> TestResult:
    above = (panicked.get(parent) for parent in _parents(silent.test_id))
    kin = below.get(silent.test_id) or next(filter(None, above), None)
    if kin is None:
        return silent
    return replace(kin, test_id=silent.test_id, attempts=silent.attempts)


def _parents(test_id: str) -> list[str]:
    """The ids that are above a subtest's, the innermost ones."""
    parts = test_id.split("/")
    return ["/".join(parts[:depth]) for depth in range(len(parts) - 1, 0, -1)][:_DEPTH]


def _example(output: Sequence[tuple[int, str]]) -> Story | None:
    texts = [text for _, text in output]
    if "got:" not in texts or "want:" not in texts[texts.index("got:") :]:
        return None
    start = texts.index("got:")
    said = [text.strip() for text in texts[start:] if text.strip()]
    number = output[start][0]
    return Story(number, number + len(said) - 1, " ".join(said[:6]))


def _entry(output: Sequence[tuple[int, str]]) -> Story | None:
    """The last logged entry that speaks of a failure, else the last one.

    A test logs what it does, and last why it gave up.
    """
    starts = [
        (index, match)
        for index, (_, text) in enumerate(output)
        if (match := _ENTRY.match(text))
    ]
    stops = [index for index, _ in starts[1:]] + [len(output)]
    chosen: Story | None = None
    chosen_tells = False
    for (index, match), stop in zip(starts, stops, strict=False):
        message = match[3].strip() or _said(
            text for _, text in output[index + 1 : stop]
        )
        tells = bool(_TELLING.search(message))
        if tells or not chosen_tells:
            place = Frame(match[1], int(match[2]), None)
            first, last = output[index][0], output[stop - 1][0]
            chosen = Story(first, last, message, frames=(place,))
            chosen_tells = tells
    return chosen


def _said(texts: Iterable[str]) -> str:
    """The message of an entry whose first line is empty."""
    lines = [text for text in texts if text.strip()]
    for text in lines:
        match = _TESTIFY.match(text)
        if match:
            return match[1]
    return lines[0].strip() if lines else ""


def _frames(texts: Sequence[str]) -> tuple[Frame, ...]:
    """The frames of the goroutine that a test runs in, outermost first."""
    starts = [i for i, text in enumerate(texts) if text.startswith("goroutine ")]
    stops = [*starts[1:], len(texts)]
    stacks = [texts[i:stop] for i, stop in zip(starts, stops, strict=False)]
    tests = [stack for stack in stacks if any("_test.go:" in text for text in stack)]
    frames: list[Frame] = []
    for stack in (tests or stacks)[:1]:
        for call, place in pairwise(stack):
            where, what = _PLACE.match(place), _CALL.match(call)
            if call.startswith("panic("):
                frames.clear()  # what came later only handled it
            elif where and what:
                frames.append(Frame(where[1], int(where[2]), what[1]))
    return tuple(reversed(frames))
