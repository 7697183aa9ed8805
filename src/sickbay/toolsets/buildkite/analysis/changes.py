"""What became of failures from one build to another, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.words import brief
from sickbay.toolsets.buildkite.analysis.rows import job_row
from sickbay.toolsets.buildkite.models.scan import ChangeRow

if TYPE_CHECKING:
    from sickbay.ci.compare import Change, Comparison
    from sickbay.ci.scan.models import Occurrence
    from sickbay.toolsets.buildkite.models.scan import ChangeName

TEXT = 240


def change_rows(found: Comparison) -> tuple[ChangeRow, ...]:
    """Every failure of either build: what is new first."""
    parts: tuple[tuple[ChangeName, tuple[Change, ...]], ...] = (
        ("new", found.new),
        ("still_failing", found.still),
        ("fixed", found.fixed),
        ("not_run", found.not_run),
    )
    return tuple(_row(name, change) for name, changes in parts for change in changes)


def change_counts(rows: tuple[ChangeRow, ...]) -> dict[str, int]:
    """How many there are of each; zero where there are none."""
    names = ("new", "still_failing", "fixed", "not_run")
    counts: dict[str, int] = dict.fromkeys(names, 0)
    for row in rows:
        counts[row.change] += 1
    return counts


def _row(name: ChangeName, change: Change) -> ChangeRow:
    seen = _seen(change)
    return ChangeRow(
        change=name,
        name=change.name,
        job=job_row(seen),
        category=change.cause.verdict.category,
        text=brief(seen.message or change.cause.text, TEXT),
        why=change.why,
    )


def _seen(change: Change) -> Occurrence:
    """Where the cause was seen in that job, by that test."""
    of_job = [item for item in change.cause.occurrences if item.job is change.job]
    of_test = (item for item in of_job if item.test_id == change.test_id)
    return next(of_test, of_job[0])
