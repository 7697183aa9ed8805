"""Untrusted text in markdown: it cannot mention people, link, or become HTML."""

from __future__ import annotations

from sickbay.render.plain import clipped, printable

SPAN = 300
_APART = "\u200b"  # a zero-width space: breaks mentions and links, cannot be seen
_SPECIAL = frozenset("\\`*_{}[]<>()#+-!|~&")


def prose(text: str) -> str:
    """Text for outside code: its markup, mentions and links lose their power."""
    text = printable(text)
    escaped = "".join(f"\\{c}" if c in _SPECIAL else c for c in text)
    for sign in ("@", "://", "www."):
        escaped = escaped.replace(sign, sign[0] + _APART + sign[1:])
    return escaped.replace("\\#", "\\#" + _APART)


def span(text: str) -> str:
    """Text as a code span, whatever backticks it holds."""
    text = clipped(printable(text).strip(), SPAN)
    if not text:
        return ""
    ticks = "`" * (_longest_run(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(text: str) -> str:
    """Text as a fenced block that nothing inside it can close."""
    body = "\n".join(printable(line) for line in text.split("\n"))
    ticks = "`" * max(3, _longest_run(body) + 1)
    return f"{ticks}text\n{body}\n{ticks}"


def _longest_run(text: str) -> int:
    longest = run = 0
    for character in text:
        run = run + 1 if character == "`" else 0
        longest = max(longest, run)
    return longest
