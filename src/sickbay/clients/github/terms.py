"""The one search for all that failed, within what GitHub takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.mentions import is_common, parsed_test
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CHARS = 256
MAX_TERMS = 6
"""GitHub takes five operators between them."""

_TERM = Pattern(r"[A-Za-z0-9_][\w.-]{3,99}")


def terms(repo: str, names: Iterable[str]) -> str | None:
    """The query for issues of a repository that name any of these tests.

    Of a test whose function has a name that many have, its file is looked for.

    Args:
        repo: Owner and name.
        names: Ids of tests, the most important first, or other words.
    """
    query, chosen = f"repo:{repo} is:issue ", list[str]()
    wanted = dict.fromkeys(map(_term, names))
    for term in wanted:
        room = MAX_CHARS - len(query) - len(_joined([*chosen, term]))
        if _TERM.fullmatch(term) and len(chosen) < MAX_TERMS and room >= 0:
            chosen.append(term)
    return query + _joined(chosen) if chosen else None


def _term(name: str) -> str:
    test = parsed_test(name)
    if test.path and (not test.names or is_common(test.function)):
        return test.path.rpartition("/")[2]
    return test.function


def _joined(chosen: list[str]) -> str:
    quoted = " OR ".join(f'"{term}"' for term in chosen)
    return f"({quoted})" if len(chosen) > 1 else quoted
