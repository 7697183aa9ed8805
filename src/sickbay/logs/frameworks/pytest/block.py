"""One failure as pytest reports it: what was raised, where, and through what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.logs.frameworks.exception import Raised, raised
from sickbay.logs.frameworks.results import Frame
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.frameworks.pytest.draft import Head

    Numbered = Sequence[tuple[int, str]]

MAX_SPAN = 10
MAX_LINES = 4000
"""Lines of one failure that are looked at."""

_CAPTURED = Pattern(r"-+ ?Captured ")
_PLACE = Pattern(r"(?P<path>[^\s>].*?):(?P<line>\d+):(?: (?P<what>.*))?$")
_NATIVE = Pattern(
    r"[\s|+]* File \"(?P<path>.+?)\", line (?P<line>\d+)(?:, in (?P<in>.*))?"
)
_DEF = Pattern(r"[> ]\s*(?:async )?def (?P<name>\w+)\(")
_FILE = Pattern(r"file (?P<path>\S.*), line (?P<line>\d+)$")
_GROUP = Pattern(r"\s*\| (?P<text>[\w.]+(?:: .*)?)$")
_WORKER_DIED = Pattern(r"worker '\w+' crashed while running '(?P<id>.*)'$")
_WORKER = Pattern(r"\[gw\d+\] ")
_STAGE = Pattern(
    r"ERROR (?:at )?(?P<stage>setup|teardown|collecting)(?: of)? (?P<name>.*)$"
)


@dataclass(frozen=True, slots=True)
class Block:
    """One failure.

    ``stage`` is ``call``, ``setup``, ``teardown`` or ``collecting``; ``told`` is
    whether the message is the exception's own rather than the last thing printed.
    """

    stage: str
    title: str
    head: int
    line: int
    span: tuple[int, int]
    raised: Raised
    frames: tuple[Frame, ...] = ()
    crashed_id: str | None = None


def block(head: Head, lines: Numbered) -> Block:
    """Read the lines below one header."""
    stage, title = _stage(head)
    body = _body(lines)
    for number, text in body:
        died = _WORKER_DIED.match(text)
        if died:
            says = Raised(None, text)
            span = (head.line, number)
            return Block(stage, title, head.line, number, span, says, (), died["id"])
    frames, hint, last_place = _frames(body)
    found = _raised(body, hint)
    if found is None:
        span = (head.line, min(max(last_place, head.line), head.line + MAX_SPAN - 1))
        return Block(stage, title, head.line, head.line, span, Raised(hint), frames)
    line, says = found
    span = _span(body, line, last_place)
    return Block(stage, title, head.line, line, span, says, frames)


def line_blocks(lines: Numbered) -> list[Block]:
    """The failures of ``--tb=line``, which gives each one line and no header."""
    found = []
    for number, text in lines:
        place = _PLACE.match(text)
        if place and place["what"]:
            frame = Frame(place["path"], int(place["line"]), None)
            says = raised(place["what"], sure=True)
        elif text.startswith("[XPASS(strict)]"):
            frame, says = None, Raised(None, text)
        else:
            continue
        frames = (frame,) if frame else ()
        span = (number, number)
        found.append(Block("call", "", number, number, span, says, frames))
    return found


def _stage(head: Head) -> tuple[str, str]:
    match = _STAGE.match(head.title)
    return (match["stage"], match["name"]) if match else ("call", head.title)


def _body(lines: Numbered) -> Numbered:
    """The lines before what the test printed, without empty ones."""
    body = []
    for number, text in lines[:MAX_LINES]:
        if _CAPTURED.match(text):
            break
        if text and not _WORKER.match(text):
            body.append((number, text))
    return body


def _frames(body: Numbered) -> tuple[tuple[Frame, ...], str | None, int]:
    """Frames, the exception's type where the last place names it, and its line."""
    frames: list[Frame] = []
    function = hint = None
    last = 0
    for number, text in body:
        match = _DEF.match(text)
        if match:
            function = match["name"]
        native = _NATIVE.match(text) or _FILE.match(text)
        if native:
            name = native.groupdict().get("in")
            frames.append(Frame(native["path"], int(native["line"]), name))
            continue
        place = None if text.startswith(("E  ", "> ")) else _PLACE.match(text)
        if place is None:
            continue
        what = place["what"] or ""
        inside = what[3:] if what.startswith("in ") else None
        frames.append(Frame(place["path"], int(place["line"]), inside or function))
        hint = None if inside or " " in what else what or None
        function, last = None, number
    return tuple(frames), hint, last


def _raised(body: Numbered, hint: str | None) -> tuple[int, Raised] | None:
    """The line that says what was raised, and what it says."""
    errors = [(i, number, text) for i, (number, text) in enumerate(body) if _is_e(text)]
    if errors:
        at = _last_group(errors)
        _, number, text = errors[at]
        says = raised(text[1:], hint=hint, sure=True)
        if says.message is None:
            says = Raised(says.exception, _next_message(errors[at:]) or says.exception)
        return number, says
    return _native(body) or _plain(body, hint)


def _is_e(text: str) -> bool:
    return text == "E" or text.startswith("E   ")


def _last_group(errors: list[tuple[int, int, str]]) -> int:
    """Where the last run of neighbouring ``E`` lines begins."""
    at = len(errors) - 1
    while at and errors[at - 1][0] == errors[at][0] - 1:
        at -= 1
    while at < len(errors) - 1 and not errors[at][2][1:].strip():
        at += 1
    return at


def _next_message(errors: list[tuple[int, int, str]]) -> str | None:
    texts = (text[1:].strip() for index, _, text in errors[1:3])
    return next((text for text in texts if text), None)


def _native(body: Numbered) -> tuple[int, Raised] | None:
    """What stands below the frames of a traceback in Python's own style."""
    last = max(
        (i for i, (_, text) in enumerate(body) if _NATIVE.match(text)), default=-1
    )
    if last < 0:
        return None
    for number, text in body[last + 1 :]:
        if not text[0].isspace():
            return number, raised(text, sure=True)
        group = _GROUP.match(text)
        if group:
            return number, raised(group["text"], sure=True)
    return None


def _plain(body: Numbered, hint: str | None) -> tuple[int, Raised] | None:
    """A failure without a traceback: its own words."""
    if hint == "DocTestFailure":
        return _doctest(body)
    for number, text in body:
        if not text[0].isspace() and not _PLACE.match(text):
            return number, Raised(hint, text.strip())
    return None


def _doctest(body: Numbered) -> tuple[int, Raised] | None:
    texts = [text.strip() for _, text in body]
    if "Expected:" not in texts or "Got:" not in texts[:-1]:
        return None
    expected, got = texts.index("Expected:"), texts.index("Got:")
    says = f"expected {texts[expected + 1]}, got {texts[got + 1]}"
    return body[expected][0], Raised("DocTestFailure", says)


def _span(body: Numbered, line: int, last_place: int) -> tuple[int, int]:
    """From the statement that raised to the place, around the message."""
    marks = [number for number, text in body if text.startswith(">") and number < line]
    first = marks[-1] if marks and line - marks[-1] < MAX_SPAN // 2 else line
    last = max(last_place, line)
    return first, min(last, first + MAX_SPAN - 1)
