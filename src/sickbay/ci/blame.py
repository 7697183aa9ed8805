"""Blame: which commit brought a failure, and which took it away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.ci.course import Course
    from sickbay.ci.evidence import History
    from sickbay.logs.report import Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """Places of commits, 0 the newest.

    Attributes:
        suspects: Those that may have brought it, the newest first.
        culprit: The one that did, if that is known.
        culprit_why: How that is known.
        fix: The one that took it away, or a revert of the culprit not yet tested.
        fix_why: How that is known.
        fixes: Those that may have taken it away, the newest first.
    """

    suspects: tuple[int, ...] = ()
    culprit: int | None = None
    culprit_why: str = ""
    fix: int | None = None
    fix_why: str = ""
    fixes: tuple[int, ...] = ()


def blame(what: Course, history: History, *, category: Category) -> Blame:
    """Which commits brought a failure and took it away.

    Nobody is blamed for what comes and goes, nor for what the machines did. What came
    with a dependency may have come by itself, unless a revert mended it.
    """
    if what.verdict == "flaky" or category == "infrastructure":
        return Blame()
    stop = len(history.grid.rows) if what.last_good is None else what.last_good
    suspects = tuple(range(what.first_bad, stop))
    passed = what.last_good is not None
    seen = passed and not history.grid.unseen(what.first_bad, what.last_good)
    sure = seen and category != "dependency"
    culprit, culprit_why = _culprit(suspects, what, history, sure=sure)
    fixes: tuple[int, ...] = ()
    if what.first_good is not None:
        fixes = tuple(range(what.first_good, what.last_bad))
    fix, fix_why = _fix(fixes, culprit, what, history)
    return Blame(
        suspects=suspects,
        culprit=culprit,
        culprit_why=culprit_why,
        fix=fix,
        fix_why=fix_why,
        fixes=fixes,
    )


def _culprit(
    suspects: tuple[int, ...], what: Course, history: History, *, sure: bool
) -> tuple[int | None, str]:
    """The suspect that was taken back, with success; else the only one, if sure."""
    back = [
        place
        for place in suspects
        if place in history.reverted and _ended_by(history.revert_of(place), what)
    ]
    if len(back) == 1:
        return back[0], "it was reverted"
    if len(suspects) == 1 and sure:
        return suspects[0], "its parent passed"
    return None, ""


def _ended_by(revert: int | None, what: Course) -> bool:
    """Whether the failure does not go on after this revert, as far as is known."""
    return revert is None or revert < what.last_bad


def _fix(
    fixes: tuple[int, ...], culprit: int | None, what: Course, history: History
) -> tuple[int | None, str]:
    back = None if culprit is None else history.revert_of(culprit)
    if back is not None and (back in fixes or what.first_good is None):
        return back, "it reverts the culprit"
    if len(fixes) == 1 and not history.grid.unseen(fixes[0], what.last_bad):
        return fixes[0], "the commit before it still failed"
    return None, ""
