"""The words of an annotation, which comes as a stranger's HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST = 200_000
"""Characters of HTML that are read."""

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_UNSEEN = frozenset({"script", "style", "template", "title", "head", "noscript"})
_CELLS = frozenset({"td", "th"})
_WEB = re.compile(r"https?://[^\s<>\"']{1,500}", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\r\f\v]+")
_GAPS = re.compile(r" *\n(?: *\n)*")


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
        elif tag in _BLOCKS:
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
        elif tag in _BLOCKS:
            self.parts.append("\n")
        elif tag == "a" and self._link:
            (address, began), self._link = self._link, None
            said = "".join(self.parts[began:])
            if _WEB.fullmatch(address) and address not in said:
                self.parts.append(f" ({address})")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)
