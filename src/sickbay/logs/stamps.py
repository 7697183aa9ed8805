r"""Time stamps that runners and tools put before every line, and taking them off.

A log has at most one form of stamp. It is chosen by the share of lines that start
with it, so that a program's own dates survive in a log that is not stamped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.logs.report import Ci

_SECOND = rb"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"
_SPACE = rb"(?: |(?=[\r\n]|\Z))"
_SAMPLE_BYTES = 1 << 16
_SAMPLE_LINES = 400
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of stamp.

    Args:
        name: What writes it.
        pattern: Regular expression of the stamp at the start of a line.
        share: Share of lines that must start with it.
        ci: The CI that it speaks for, when nothing else does.
        template: The stamp without its optional blank, ``0`` for any digit, when all
            stamps of this form have one width.
    """

    name: str
    pattern: bytes
    share: float
    ci: Ci
    template: bytes = b""


FORMS = (
    Form(
        "runner",
        _SECOND + rb"\.[0-9]{7}Z" + _SPACE,
        0.02,
        "github-actions",
        b"0000-00-00T00:00:00.0000000Z",
    ),
    Form("gitlab", _SECOND + rb"\.[0-9]{6}Z [0-9a-f]{2}[OE][ +]", 0.02, "gitlab"),
    Form(
        "agent",
        rb"\[" + _SECOND + rb"Z\]" + _SPACE,
        0.3,
        "buildkite",
        b"[0000-00-00T00:00:00Z]",
    ),
    Form(
        "timestamper",
        rb"\[" + _SECOND + rb"\.[0-9]{3}Z\]" + _SPACE,
        0.1,
        "jenkins",
        b"[0000-00-00T00:00:00.000Z]",
    ),
    Form("container", _SECOND + rb"(?:\.[0-9]{1,9})?Z ", 0.5, "plain"),
    Form(
        "gh",
        rb"[^\t\n]{1,200}\t[^\t\n]{1,200}\t(?:\xef\xbb\xbf)?"
        + _SECOND
        + rb"\.[0-9]{7}Z"
        + _SPACE,
        0.5,
        "github-actions",
    ),
    Form("clock", rb"[0-9][0-9]:[0-9][0-9]:[0-9][0-9]  ", 0.5, "jenkins"),
)


def form_of(head: bytes) -> Form | None:
    """The form of stamp that a log uses, judged by its first lines."""
    lines = head[:_SAMPLE_BYTES].split(b"\n")[:_SAMPLE_LINES]
    lines = [line for line in lines if line.strip()]
    if not any(b":" in line for line in lines):
        return None
    best, most = None, 0
    for form in FORMS:
        pattern = _start(form)
        count = sum(pattern.match(line) is not None for line in lines)
        if count > most and count >= form.share * len(lines):
            best, most = form, count
    return best


def unstamped(block: bytes, form: Form) -> bytes:
    """Take the stamp off every line that has it."""
    return _starts(form).sub(b"", block)


def returned(block: bytes, form: Form) -> bytes:
    """Take off the stamps that follow a carriage return within a line."""
    return _after_return(form).sub(b"\r", block)


@cache
def _start(form: Form) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\xef\xbb\xbf)?" + form.pattern)


@cache
def _starts(form: Form) -> re.Pattern[bytes]:
    return re.compile(rb"(?m)^(?:" + form.pattern + rb")")


@cache
def _after_return(form: Form) -> re.Pattern[bytes]:
    return re.compile(rb"\r(?:" + form.pattern + rb")")
