"""What the output of a Rust test says: its panic, the error it returned."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.results import Frame
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

_PANIC = Pattern(r"thread '(.*)' (?:\(\d+\) )?panicked at (.*)$")
_OLD = Pattern(r"'(.*?)(?:', (\S+?):(\d+)(?::\d+)?)?$")
_PLACE = Pattern(r"(\S+?):(\d+):\d+:$")
_NOTE = Pattern(r"note: ((?:panic|test) did not .*)$")
_RETURNED = Pattern(r"(Error): (.*)$")
_DIAGNOSTIC = Pattern(r"(error(?:\[E\d+\])?): (.*)$")
_DOC = Pattern(r"(Test executable .*|Couldn't compile the test\.)$")
_FRAME = Pattern(r" +\d+: (?:0x[0-9a-f]+ - )?(.+)$")
_FRAME_PLACE = Pattern(r" +at (\S+?):(\d+)(?::\d+)?$")


@dataclass(frozen=True, slots=True)
class Told:
    """What is said, on which lines; ``message`` is ``None`` when nothing is."""

    first: int
    last: int
    message: str | None
    exception: str | None = None
    frames: tuple[Frame, ...] = ()


def told(output: Sequence[tuple[int, str]], name: str) -> Told:
    """What numbered lines of a test's output say.

    Args:
        output: The lines.
        name: The test, which its thread is called after: a test may catch the panics
            of others.
    """
    found = _note(output) or _panic(output, name)
    found = found or _first(output, _RETURNED) or _first(output, _DIAGNOSTIC)
    found = found or _first(output, _DOC)
    if found:
        return found
    said = [(number, text) for number, text in output if text.strip()]
    number = said[-1][0] if said else (output[0][0] if output else 0)
    return Told(number, number, said[-1][1].strip() if said else None)


def _note(output: Sequence[tuple[int, str]]) -> Told | None:
    """``should_panic`` tests: the harness's own note."""
    for number, text in output:
        match = _NOTE.match(text)
        if match:
            return Told(number, number + 2, match[1])
    return None


def _panic(output: Sequence[tuple[int, str]], name: str) -> Told | None:
    panics = [
        (index, match)
        for index, (_, text) in enumerate(output)
        if (match := _PANIC.match(text))
    ]
    own = [panic for panic in panics if panic[1][1] in (name, "main")]
    for index, match in (own or panics)[:1]:
        number, texts = output[index][0], [text for _, text in output[index + 1 :]]
        place = _PLACE.match(match[2])
        old = _OLD.match(match[2])
        message = match[2]
        if place:
            message = texts[0].strip() if texts else message
        elif old:
            message, place = old[1], old if old[2] else None
        if place:
            where = place.groups()[-2:]
            frames = (*_frames(texts), Frame(where[0], int(where[1]), None))
        else:
            frames = _frames(texts)
        return Told(number, number + _length(texts), message, "panic", frames)
    return None


def _length(texts: Sequence[str]) -> int:
    """How many lines after the panic's first belong to what it says."""
    stops = (
        index
        for index, text in enumerate(texts)
        if not text.strip() or text.startswith(("note: ", "stack backtrace:"))
    )
    return next(stops, len(texts))


def _first(output: Sequence[tuple[int, str]], pattern: Pattern) -> Told | None:
    for number, text in output:
        match = pattern.match(text)
        if match:
            exception = match[1] if pattern is not _DOC else None
            message = match[2] if exception else match[1]
            return Told(
                number, number + 5 if "[" in text else number, message, exception
            )
    return None


def _frames(texts: Sequence[str]) -> tuple[Frame, ...]:
    """The frames of ``RUST_BACKTRACE=1``, outermost first."""
    frames: list[Frame] = []
    for call, place in pairwise(texts):
        what, where = _FRAME.match(call), _FRAME_PLACE.match(place)
        if what and where:
            frames.append(Frame(where[1], int(where[2]), what[1]))
    return tuple(reversed(frames))
