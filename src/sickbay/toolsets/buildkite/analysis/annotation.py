"""The words of an annotation, which comes as a stranger's HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
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
_GAPS = re.compile(r" *\n(?: *\n)*")


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
    page.feed(html[:MOST])
    page.close()
    text = _BLANKS.sub(" ", "".join(page.parts))
    return _GAPS.sub("\n", text).strip()


class _Page(HTMLParser):
    """Collects what is seen."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0
        self._link: tuple[str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in _UNSEEN:
            self._unseen += 1
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag in _CELLS:
            self.parts.append(" ")
        elif tag == "a":
            self._link = (named.get("href") or "", len(self.parts))
        elif tag == "img" and not self._unseen:
            self.parts.append(named.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif _BLOCKS.fullmatch(tag):
            self.parts.append("\n")
        elif tag == "a" and self._link:
            (address, began), self._link = self._link, None
            said = "".join(self.parts[began:])
            if _WEB.fullmatch(address) and address not in said:
                self.parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
