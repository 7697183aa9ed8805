"""Node ids: where one ends, and which one a header speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

_DASH = " - "
_PATHLIKE = Pattern(r"\S*[\w\]](?:\.\w+|/[\w.-]+/?|::\S.*)$|[\w.-]+$")


def split(rest: str, known: Container[str] = ()) -> tuple[str, str | None]:
    """Part a summary line into id and message, both of which may hold `` - ``.

    Args:
        rest: The line without its first word.
        known: Ids seen elsewhere; one of them wins over any guess.
    """
    rest = rest.strip()
    if rest in known:
        return rest, None
    cuts = [*_finds(rest, _DASH)]
    for cut in cuts:
        if rest[:cut] in known:
            return rest[:cut], rest[cut + len(_DASH) :]
    end = _end(rest, lambda after: not after or after.startswith(_DASH))
    if end is None:
        end = cuts[0] if cuts else len(rest)
    return rest[:end], rest[end + len(_DASH) :] or None


def leading(text: str, follows: Callable[[str], bool]) -> str | None:
    """The id that a line begins with; ``follows`` judges what stands behind it."""
    end = _end(text, follows)
    return None if end is None else text[:end]


def title(test_id: str) -> str:
    """The name that pytest puts into the header of a failure of this test."""
    _, _, name = test_id.partition("::")
    if not name:
        return test_id
    plain, bracket, parameters = name.partition("[")
    return plain.replace("::", ".") + bracket + parameters


def named(test_id: str) -> str:
    """The id without what only old versions print: `` <- other.py``, ``::()``."""
    return test_id.split(" <- ", 1)[0].rstrip().replace("::()", "")


def rebuilt(path: str, name: str) -> str:
    """The id of the test with this header in this file."""
    plain, bracket, parameters = name.partition("[")
    return f"{path}::{plain.replace('.', '::')}{bracket}{parameters}"


def is_like_id(text: str) -> bool:
    """Whether the text looks like a node id or the path of a test file."""
    return "::" in text or _PATHLIKE.match(text) is not None


def _end(text: str, follows: Callable[[str], bool]) -> int | None:
    """Where the id at the beginning of a text ends; ``None`` if no end pleases."""
    start = text.find("::")
    if start < 0:
        return None
    space = text.find(" ", start)
    bracket = text.find("[", start)
    if bracket < 0 or 0 <= space < bracket:
        end = len(text) if space < 0 else space
        return end if follows(text[end:]) else None
    ends = [*_finds(text, "]", bracket)]
    balanced = list(_balanced(text, bracket))
    for end in (*balanced, *ends):
        if follows(text[end + 1 :]):
            return end + 1
    return None


def _balanced(text: str, start: int) -> Iterator[int]:
    depth = 0
    for offset in range(start, len(text)):
        if text[offset] == "[":
            depth += 1
        elif text[offset] == "]":
            depth -= 1
            if depth == 0:
                yield offset


def _finds(text: str, what: str, start: int = 0) -> Iterator[int]:
    at = text.find(what, start)
    while at >= 0:
        yield at
        at = text.find(what, at + 1)
