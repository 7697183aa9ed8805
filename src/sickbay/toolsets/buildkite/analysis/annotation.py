"""The words of an annotation, which comes as a stranger's HTML."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from sickbay.toolsets.buildkite.models.extras import AnnotationRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.clients.buildkite.models import Annotation

MOST = 200_000
"""Characters of HTML that are read."""

SHOWN = 1_500
"""Characters of an annotation that an answer has."""

STYLES = ("error", "warning", "info", "success")
"""The worst first."""

_BLOCKS = re.compile(
    r"address|article|blockquote|br|d[dlt]|details|div|figure|footer|h[1-6]|header|hr|li"
    r"|main|ol|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
_UNSEEN = frozenset({"script", "style", "template", "title", "head", "noscript"})
_CELLS = frozenset({"td", "th"})
_WEB = re.compile(r"https?://[^\s<>\"']{1,500}", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_GAPS = re.compile(r" *\n(?: *\n)* *")

# html.parser takes quadratic time for a tag that never ends, many times over; here
# none reaches beyond the next one, and Buildkite leaves no < in an attribute.
_MARKUP = re.compile(
    r"""<!--|<[!?][^<>]*>
    |<(?P<end>/?)(?P<tag>[A-Za-z][A-Za-z0-9]{0,20})
      (?P<rest>(?:[\s/](?:"[^"<]*"|'[^'<]*'|[^'"<>])*)?)>""",
    re.VERBOSE,
)
_VALUE = re.compile(
    r"""\b(?P<name>href|alt)\s{0,9}=\s{0,9}
    (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'>]+))""",
    re.VERBOSE | re.IGNORECASE,
)


def annotation_rows(found: Sequence[Annotation]) -> tuple[AnnotationRow, ...]:
    """Annotations in plain words, the worst and most important first."""
    return tuple(map(_row, sorted(found, key=_order)))


def _order(found: Annotation) -> tuple[int, int]:
    worst = STYLES.index(found.style) if found.style in STYLES else len(STYLES)
    return worst, -(found.priority or 0)


def _row(found: Annotation) -> AnnotationRow:
    text = plain(found.html)
    left_out = max(len(text) - SHOWN, 0) + max(len(found.html) - MOST, 0)
    return AnnotationRow(
        style=found.style,
        context=found.context,
        text=text[:SHOWN],
        left_out=left_out,
        priority=found.priority,
        job_id=found.job_id,
        created_at=found.created_at,
    )


def plain(html: str) -> str:
    """The text that a reader would see, with the web addresses of its links."""
    page = _Page()
    page.read(html[:MOST])
    text = _BLANKS.sub(" ", "".join(page.parts))
    return _GAPS.sub("\n", text).strip()


class _Page:
    """Collects what is seen."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._unseen = 0
        self._link: tuple[str, int] | None = None

    def read(self, html: str) -> None:
        """Go through the markup once."""
        at = 0
        while found := _MARKUP.search(html, at):
            self._say(html[at : found.start()])
            at = found.end()
            if found[0] == "<!--":
                end = html.find("-->", at)
                at = end + 3 if end >= 0 else len(html)
            elif tag := found["tag"]:
                self._tagged(tag.lower(), found["rest"], end=bool(found["end"]))
        self._say(html[at:])

    def _say(self, text: str) -> None:
        if not self._unseen:
            self.parts.append(unescape(text))

    def _tagged(self, tag: str, rest: str, *, end: bool) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen + (-1 if end else 1), 0)
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag in _CELLS and not end:
            self.parts.append(" ")
        elif tag == "a":
            self._linked(rest, end=end)
        elif tag == "img":
            self._say(_value(rest, "alt"))

    def _linked(self, rest: str, *, end: bool) -> None:
        if self._link:
            (address, began), self._link = self._link, None
            said = "".join(self.parts[began:])
            if _WEB.fullmatch(address) and address not in said:
                self.parts.append(f" ({address})")
        if not end:
            self._link = (unescape(_value(rest, "href")), len(self.parts))


def _value(rest: str, name: str) -> str:
    """An attribute of a tag, or nothing."""
    for found in _VALUE.finditer(rest[:2000]):
        if found["name"].lower() == name:
            return found["double"] or found["single"] or found["bare"] or ""
    return ""
