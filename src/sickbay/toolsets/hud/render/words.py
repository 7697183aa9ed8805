"""A commit in words, the same on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.page import Quote
from sickbay.render.words import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.render.page import Words

    Document = Mapping[str, Any]


def commit(named: Document) -> tuple[Words, ...]:
    """A commit: which, what it says, whose it is."""
    words: list[Words] = [f"{named['sha'][:10]} "]
    if named["title"]:
        words.append(Quote(named["title"]))
    if named["pr"] and f"#{named['pr']}" not in named["title"]:
        words.append(f" #{named['pr']}")
    if named["author"]:
        words += [" by ", Quote(named["author"])]
    return (*words, f", {moment(named['time'])}")
