"""A pattern's shortest form that still finds the same lines.

``error: .+`` is found at every character up to the end of the line, and each of these
is reported; ``error: .`` is found once. A repeat at the end of a pattern is therefore
cut to its least count, in every alternative and inside the last group.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:,\d*)?\})\??")
_CLASS = re.compile(r"\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]", re.DOTALL)
_OPENING = re.compile(r"\((?:\?(?:P?<\w+>|[a-zA-Z-]*:))?")
_REST = re.compile(r"\.[*+]\??|\((?:\?:)?\.[*+]\??\)")
_UNKNOWN = re.compile(r"\\[QEpP]|\(\?[^P<:a-zA-Z-]|\(\?[a-zA-Z-]*\)")


@dataclass(frozen=True, slots=True)
class _Atom:
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


def to_find(pattern: str) -> str:
    """The shortest pattern that is found on the same lines.

    Args:
        pattern: RE2 syntax; what it makes no sense of is left as it is.
    """
    if _UNKNOWN.search(pattern):
        return pattern
    try:
        return _shortest(pattern)
    except ValueError:
        return pattern


def _shortest(pattern: str) -> str:
    return "|".join(_cut(atoms) for atoms in _alternatives(pattern))


def _cut(atoms: list[_Atom]) -> str:
    while atoms:
        last = atoms.pop()
        if last.text == "$" and atoms and _REST.fullmatch(str(atoms[-1])):
            continue  # the rest of a line always gets to its end
        if last.least == 0:
            continue
        count = f"{{{last.least}}}" if last.least > 1 else ""
        atoms.append(_Atom(last.text if count else _inside(last.text), count))
        break
    return "".join(map(str, atoms))


def _inside(text: str) -> str:
    """A group with its own content cut."""
    opening = _OPENING.match(text)
    if opening is None:
        return text
    return opening[0] + _shortest(text[opening.end() : -1]) + ")"


def _alternatives(pattern: str) -> list[list[_Atom]]:
    alternatives: list[list[_Atom]] = [[]]
    position = 0
    while position < len(pattern):
        if pattern[position] == "|":
            alternatives.append([])
            position += 1
            continue
        end = _atom_end(pattern, position)
        quantifier = _QUANTIFIER.match(pattern, end)
        stop = quantifier.end() if quantifier else end
        alternatives[-1].append(_Atom(pattern[position:end], pattern[end:stop]))
        position = stop
    return alternatives


def _atom_end(pattern: str, position: int) -> int:
    """Where the atom that begins here ends.

    Raises:
        ValueError: A bracket is not closed.
    """
    character = pattern[position]
    if character == "\\":
        return position + 2
    if character == "[":
        found = _CLASS.match(pattern, position)
        if found is None:
            raise ValueError(pattern)
        return found.end()
    return _group_end(pattern, position) if character == "(" else position + 1


def _group_end(pattern: str, position: int) -> int:
    opening = _OPENING.match(pattern, position)
    end = opening.end() if opening else position + 1
    while end < len(pattern) and pattern[end] != ")":
        end = end + 1 if pattern[end] == "|" else _atom_end(pattern, end)
    if end >= len(pattern):
        raise ValueError(pattern)
    return end + 1
