"""A pattern's shortest form that still finds the same lines.

``error: .+`` is found at every character up to the end of the line, and each of these
is reported; ``error: .`` is found once. A repeat at the end of a pattern is therefore
cut to its least count, in every alternative and inside the last group.
"""

from __future__ import annotations

import re

from sickbay.logs.rules.atoms import Atom, alternatives

_REST = re.compile(r"\.[*+]\??|\((?:\?:)?\.[*+]\??\)")


def to_find(pattern: str) -> str:
    """The shortest pattern that is found on the same lines.

    Args:
        pattern: RE2 syntax; what it makes no sense of is left as it is.
    """
    try:
        return "|".join(_cut(atoms) for atoms in alternatives(pattern))
    except ValueError:
        return pattern


def _cut(atoms: list[Atom]) -> str:
    while atoms:
        last = atoms.pop()
        if last.text == "$" and atoms and _REST.fullmatch(str(atoms[-1])):
            continue  # the rest of a line always gets to its end
        if last.least == 0:
            continue
        count = f"{{{last.least}}}" if last.least > 1 else ""
        inner = last.opening and not count
        text = f"{last.opening}{to_find(last.inside)})" if inner else last.text
        atoms.append(Atom(text, count))
        break
    return "".join(map(str, atoms))
