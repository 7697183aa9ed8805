"""Reverts: which commits of a grid take which others back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.models import Commit, Row

_SHA = Pattern(r"This reverts commit ([0-9a-f]{7,40})\b")
_TITLE = Pattern(r'Revert "(.{1,500})"')


def reverts(rows: Sequence[Row]) -> dict[int, int]:
    """For the place of every commit that reverts another, the place of the other."""
    found = {}
    for place, row in enumerate(rows):
        target = _target(row.commit, rows, place)
        if target is not None:
            found[place] = target
    return found


def _target(commit: Commit, rows: Sequence[Row], place: int) -> int | None:
    if not commit.title.startswith('Revert "'):
        return None
    sha, title = _SHA.search(commit.message), _TITLE.match(commit.title)
    for other in range(place + 1, len(rows)):
        older = rows[other].commit
        if sha and older.sha.startswith(sha[1]):
            return other
        if not sha and title and older.title.startswith(title[1]):
            return other
    return None
