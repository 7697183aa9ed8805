"""Finding the section that somebody means: by its number, or by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.sections.model import Section

NEAREST = 3
CANDIDATES = 8


def chosen(sections: Sequence[Section], wanted: str) -> Section:
    """The section that is meant.

    Args:
        sections: Of one log, in its order.
        wanted: Its name, a part of its name that no other has, or its number from 1.

    Raises:
        NotFound: There is none; names the nearest.
        BadRequest: There are several; names them with their numbers.
    """
    if not sections:
        raise NotFound("the log has no sections", hint="read it by line numbers")
    word = " ".join(wanted.split()).casefold()
    names = [section.name.casefold() for section in sections]
    for matches in (
        [index for index, name in enumerate(names) if name == word],
        [int(word) - 1] if word.isdecimal() and 0 < int(word) <= len(names) else [],
        [index for index, name in enumerate(names) if word in name],
    ):
        if len(matches) == 1:
            return sections[matches[0]]
        if matches:
            raise BadRequest(
                f"{len(matches)} sections are called like {wanted[:80]!r}",
                hint=f"give a number: {_numbered(sections, matches)}",
            )
    raise NotFound(
        f"no section is called {wanted[:80]!r}",
        hint=f"there are {len(sections)}; nearest: {_nearest(sections, word)}",
    )


def _numbered(sections: Sequence[Section], indexes: Sequence[int]) -> str:
    shown = [f"{index + 1} {sections[index].name}" for index in indexes[:CANDIDATES]]
    more = len(indexes) - len(shown)
    return "; ".join(shown) + (f" and {more} more" if more > 0 else "")


def _nearest(sections: Sequence[Section], word: str) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - only when it is wrong

    names = [section.name.casefold() for section in sections]
    found = process.extract(word, names, scorer=fuzz.WRatio, limit=NEAREST)
    return _numbered(sections, [index for _, _, index in found])
