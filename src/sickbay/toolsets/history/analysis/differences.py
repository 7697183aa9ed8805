"""Differences of two sides, as the answer shows them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from sickbay.ci.history.comparison import DifferenceKind
from sickbay.toolsets.history.analysis.values import rounded
from sickbay.toolsets.history.models.comparison import ChangeRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.history.comparison import Difference

KINDS: tuple[DifferenceKind, ...] = get_args(DifferenceKind)
TIMED = ("slower", "faster")
ONE_SIDED = ("only_base", "only_new")


def counts(differences: Iterable[Difference]) -> dict[str, int]:
    """How many differences there are of each kind."""
    found = Counter(one.kind for one in differences)
    return {kind: found[kind] for kind in KINDS}


def change_rows(
    differences: Iterable[Difference], *, kind: DifferenceKind | None
) -> tuple[ChangeRow, ...]:
    """The rows of one kind; without one, all but tests that come or go and pass."""
    return tuple(
        _row(one)
        for one in differences
        if (one.kind == kind if kind else _matters(one))
    )


def _matters(one: Difference) -> bool:
    return one.kind not in ONE_SIDED or bool(one.new_rate)


def _row(one: Difference) -> ChangeRow:
    timed = one.kind in TIMED
    return ChangeRow(
        test_id=one.test_id,
        change=one.kind,
        rate=None if timed else rounded(one.new_rate),
        builds=one.new.builds if one.new else 0,
        base_rate=None if timed else rounded(one.base_rate),
        base_builds=one.base.builds if one.base else 0,
        seconds=rounded(one.new_rate) if timed else None,
        base_seconds=rounded(one.base_rate) if timed else None,
        probability=rounded(one.probability),
        significant=one.significant,
        ratio=rounded(one.ratio),
        why=one.why,
    )
