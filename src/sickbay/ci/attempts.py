"""Attempts: which of a job's runs on one commit stands for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.models import Job
    from sickbay.ci.states import State

_CLASSES: tuple[frozenset[State], ...] = (
    frozenset({"ok", "flaky"}),
    frozenset({"fail", "timed_out", "startup_failure"}),
    frozenset({"pending", "queued", "action_required"}),
    frozenset({"neutral"}),
    frozenset({"skipped"}),
    frozenset({"unknown"}),
    frozenset({"cancelled"}),
)
"""The first that any run is of decides."""


def representative(runs: Sequence[Job]) -> Job:
    """The run that stands for a job, as HUD's grid chooses it.

    The best class wins, and in it the newest run. One that passed after another had
    failed is flaky; a cancelled one is no evidence of that.

    Args:
        runs: At least one.
    """
    chosen = max(runs, key=_rank)
    if chosen.state == "ok" and any(run.failed for run in runs):
        return replace(chosen, state="flaky")
    return chosen


def _rank(run: Job) -> tuple[int, int, int]:
    best = next(-n for n, states in enumerate(_CLASSES) if run.state in states)
    return best, _number(run.job_id), run.attempt or 0


def _number(job_id: int | str | None) -> int:
    text = str(job_id)
    return int(text) if text.isdecimal() else 0
