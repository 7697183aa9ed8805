"""A pattern taken apart: its alternatives, and the atoms that each is a row of."""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:,\d*)?\})\??")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|x\{[0-9a-fA-F]+\}|.)", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_OPENING = re.compile(r"\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?")
_UNKNOWN = re.compile(r"\\[QEpP0-9]|\(\?[^P<:a-zA-Z-]|\(\?[a-zA-Z-]*\)")


@dataclass(frozen=True, slots=True)
class Atom:
    """A character, class or group, and how often it is there."""

    text: str
    quantifier: str = ""

    def __str__(self) -> str:
        return self.text + self.quantifier

    @property
    def least(self) -> int:
        """How often it must be there."""
        if self.quantifier[:1] == "{":
            found = _QUANTIFIER.match(self.quantifier)
            return int(found[1]) if found else 1
        return 0 if self.quantifier[:1] in ("*", "?") and self.quantifier else 1

    @property
    def opening(self) -> str:
        """How a group opens; empty for anything else."""
        found = _OPENING.match(self.text)
        return found[0] if found else ""

    @property
    def inside(self) -> str:
        """What a group holds."""
        return self.text[len(self.opening) : -1]

    @property
    def letter(self) -> str:
        """The one character it stands for, in lower case; empty when it is several."""
        text = self.text
        if len(text) == 1 and text not in ".^$":
            return text.lower()
        if text[0] == "\\" and len(text) == 2 and not text[1].isalnum():  # noqa: PLR2004 - an escape and its character
            return text[1].lower()
        folded = set(text[1:-1].lower()) if text[0] == "[" else set()
        return folded.pop() if len(folded) == 1 and text[1].isalpha() else ""


def alternatives(pattern: str) -> list[list[Atom]]:
    """The atoms of every alternative of a pattern.

    Raises:
        ValueError: It is not closed, or holds what is not taken apart here.
    """
    if _UNKNOWN.search(pattern):
        raise ValueError(pattern)
    rows: list[list[Atom]] = [[]]
    position = 0
    while position < len(pattern):
        if pattern[position] == "|":
            rows.append([])
            position += 1
            continue
        end = _atom_end(pattern, position)
        quantifier = _QUANTIFIER.match(pattern, end)
        stop = quantifier.end() if quantifier else end
        rows[-1].append(Atom(pattern[position:end], pattern[end:stop]))
        position = stop
    return rows


def _atom_end(pattern: str, position: int) -> int:
    character = pattern[position]
    if character == "(":
        return _group_end(pattern, position)
    if character not in "\\[":
        return position + 1
    found = (_CLASS if character == "[" else _ESCAPE).match(pattern, position)
    if found is None:
        raise ValueError(pattern)
    return found.end()


def _group_end(pattern: str, position: int) -> int:
    opening = _OPENING.match(pattern, position)
    end = opening.end() if opening else position + 1
    while end < len(pattern) and pattern[end] != ")":
        end = end + 1 if pattern[end] == "|" else _atom_end(pattern, end)
    if end >= len(pattern):
        raise ValueError(pattern)
    return end + 1
