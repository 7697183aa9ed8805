r"""Escape sequences: which there are, dropping them, and telling which move things."""

from __future__ import annotations

import re
from functools import cache

_CSI = r"\[[0-?]*[ -/]*"
_STRING = r"[\]_P^X][^\x07\x1b\n]*(?:\x07|\x1b\\)"
_CHARSET = r"[ -/]+[0-~]?"
_CUT = r"(?=[^ -~]|\Z)"
_TOKEN = (
    r"(?P<text>[^\x07\x08\n\r\x1b]+)|(?P<control>[\r\n]|\x08+)"
    r"|\x1b\[(?P<args>[0-?]*)[ -/]*(?P<final>[@-~]?)"
    rf"|\x1b(?:{_STRING}|{_CHARSET}|(?P<single>[0-~]))"
)
_ESCAPE = rf"\x1b(?:{_CSI}[@-~]?|{_STRING}|{_CHARSET}|[0-~]|)".encode()
_WEIGHTLESS = (
    rf"\x1b(?:{_CSI}(?:[ABEFHILMNOQRSTUVWYZ\[-_b-~]|{_CUT})|{_STRING}|{_CHARSET}"
    rf"|[0-69:;<=>?@A-Z\\`-~]|{_CUT})"
).encode()
_MOVE = rb"\x1b(?:\[[0-9;]*[A-G@PX`au]|\[[12]K|[78M])"
_SIDEWAYS = rb"\x1b(?:\[[0-9;]*[CDG@PX`a]|\[[12]K|[78])"
_UPWARDS = rb"\x1b(?:\[[0-9]*[ABEFu]|[M8])"
_ABSOLUTE = rb"\x1b\[[0-9;]*[Hfdr]"


def without_escapes(text: bytes) -> bytes:
    """Drop every escape sequence, and the bell."""
    if b"\x1b" in text:
        text = _compiled(_ESCAPE).sub(b"", text)
    return text.replace(b"\x07", b"") if b"\x07" in text else text


def moves(text: bytes) -> bool:
    """Whether an escape sequence moves the cursor, or text, or erases before it."""
    return _matches(_MOVE, text)


def moves_in(text: bytes) -> list[int]:
    """Where something goes back, moves the cursor or text, or erases before it."""
    # each on its own is found by its first byte, which all together have not in common
    found = [
        match.start()
        for move in (rb"\r", rb"\x08", _MOVE)
        for match in _compiled(move).finditer(text)
    ]
    found.sort()
    return found


def moves_up(line: bytes) -> bool:
    """Whether the line draws over rows above it.

    Lines of full-screen programs, which address rows absolutely, do not count.
    """
    return _matches(_UPWARDS, line) and not _matches(_ABSOLUTE, line)


def weightless_dropped(line: bytes) -> bytes:
    """Drop what neither moves nor erases anything, as long as rows stay put."""
    if b"\x1b" in line:
        line = _compiled(_WEIGHTLESS).sub(b"", line)
    return line.replace(b"\x07", b"")


def moves_sideways(line: bytes) -> bool:
    """Whether anything moves the cursor, or text, or erases before it, in its row."""
    return b"\r" in line or b"\b" in line or _matches(_SIDEWAYS, line)


def tokens() -> re.Pattern[str]:
    """A pattern that splits text into what a terminal acts on, one by one."""
    return _compiled_text(_TOKEN)


def _matches(pattern: bytes, text: bytes) -> bool:
    return b"\x1b" in text and _compiled(pattern).search(text) is not None


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


@cache
def _compiled_text(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
