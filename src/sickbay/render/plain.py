"""Untrusted text made safe to print, and fitted into columns."""

from __future__ import annotations

from dataclasses import dataclass

TAB = "    "
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "cyan": "36",
}


def printable(text: str) -> str:
    """The text without anything a terminal acts on: one line, no hidden characters.

    Control, direction and zero-width characters go; what could not be decoded
    shows as U+FFFD.
    """
    text = text.replace("\t", TAB)
    if text.isascii() and text.isprintable():
        return text
    import unicodedata  # noqa: PLC0415 - plain ASCII does without

    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs":
            kept.append("\ufffd")
        elif category not in _UNPRINTABLE:
            kept.append(character)
        elif character in "\n\r\v\f\x85\u2028\u2029":
            kept.append(" ")
    return "".join(kept)


def columns(text: str) -> int:
    """How many terminal columns the text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    import unicodedata  # noqa: PLC0415 - plain ASCII does without

    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def clipped(text: str, width: int) -> str:
    """The text, ending in an ellipsis where it does not fit into ``width`` columns."""
    if columns(text) <= width:
        return text
    return _head(text, width - 1) + "…"


def tail(text: str, width: int) -> str:
    """The end of the text, behind an ellipsis where it does not fit whole."""
    if columns(text) <= width:
        return text
    return "…" + _head(text[::-1], width - 1)[::-1]


def folded(text: str, width: int, *, rows: int) -> list[str]:
    """The text cut into at most ``rows`` rows of ``width`` columns, spaces kept."""
    out: list[str] = []
    while len(out) < rows - 1 and columns(text) > width:
        head = _head(text, width) or text[0]
        out.append(head)
        text = text[len(head) :]
    return [*out, clipped(text, width)]


def wrapped(text: str, width: int) -> list[str]:
    """The words of the text in rows of at most ``width`` columns."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        joined = f"{row} {word}" if row else word
        if columns(joined) <= width:
            row = joined
            continue
        if row:
            rows.append(row)
        *full, row = folded(word, width, rows=len(word))
        rows.extend(full)
    return [*rows, row] if row else rows


def _head(text: str, width: int) -> str:
    """The longest start of the text within ``width`` columns."""
    if text.isascii():
        return text[:width]
    used = 0
    for index, character in enumerate(text):
        used += _columns(character)
        if used > width:
            return text[:index]
    return text


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text where colour is wanted, and leaves it alone where not."""

    colour: bool

    def __call__(self, text: str, *styles: str) -> str:
        """The text in these styles: ``bold``, ``dim``, or the name of a colour."""
        if not self.colour or not text or not styles:
            return text
        codes = ";".join(_CODES[style] for style in styles)
        return f"\x1b[{codes}m{text}\x1b[0m"
