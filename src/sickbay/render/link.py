"""Names and links from strangers, in markdown and in Slack's own markup."""

from __future__ import annotations

import re

from sickbay.render.markdown import prose
from sickbay.render.plain import clipped, printable

_URL = re.compile(r"https?://[A-Za-z0-9][\w.:/#?=&%~+,@-]*")
_CHARACTER = r"[A-Za-z0-9./:=, ()-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])"
_PLAIN = re.compile(rf"[A-Za-z(](?:{_CHARACTER}|\[(?:{_CHARACTER})*\](?![(\[:]))*")
_HARMLESS = re.compile(r"\\([()+-])|(?<=[A-Za-z0-9])\\(_)(?=[A-Za-z0-9])")
_SLACK_MARKS = re.compile(r"(?<![A-Za-z0-9])[*_~]|[*_~](?![A-Za-z0-9])|`")
_LINKED = ("://", "www.")
_APART = "\u200b"


def literal(text: str) -> str:
    """A name as it is where markdown leaves it alone, and escaped where it would not.

    Ids of tests are looked for in reports, so they are changed no more than needed.
    """
    if _PLAIN.fullmatch(text) and not any(sign in text.lower() for sign in _LINKED):
        return text
    return prose(text)


def plain(text: str) -> str:
    """A sentence, escaped no more than it needs within a line."""
    freed = _HARMLESS.sub(lambda found: found[1] or found[2], prose(text))
    return f"\\{freed}" if freed.startswith(("-", "+")) else freed


def link(text: str, url: str | None) -> str:
    """A markdown link; the text alone where the address is none that we would show."""
    name = literal(text)
    return f"[{name}]({url})" if url and _URL.fullmatch(url) else name


def slack(text: str, width: int) -> str:
    """Text for Slack: it mentions nobody, and is no link and no markup."""
    shown = clipped(printable(text).strip(), width)
    for sign, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        shown = shown.replace(sign, safe)
    for sign in ("@", "://", "www."):
        shown = shown.replace(sign, sign[0] + _APART + sign[1:])
    return _SLACK_MARKS.sub(rf"{_APART}\g<0>", shown)


def slack_link(text: str, url: str | None, width: int) -> str:
    """A link for Slack; the text alone where the address is none."""
    name = slack(text, width).replace("|", "\u00a6")
    return f"<{url}|{name}>" if url and _URL.fullmatch(url) else name
