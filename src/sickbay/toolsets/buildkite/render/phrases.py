"""What reports say in the same words: counts, builds, and what was not looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.scan.models import CATEGORIES
from sickbay.render.words import amount

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.ci.scan.models import Category
    from sickbay.toolsets.buildkite.models.scan import (
        BuildInfo,
        CauseRow,
        JobCounts,
        ScanReport,
    )

SHA = 8


def by_category(
    causes: Sequence[CauseRow],
) -> Iterator[tuple[Category, list[CauseRow]]]:
    """The causes of each category that has any, in the order of reports."""
    for category in CATEGORIES:
        of_it = [cause for cause in causes if cause.category == category]
        if of_it:
            yield category, of_it


def state(build: BuildInfo) -> str:
    """What became of the build, as a headline has it."""
    word = build.state.replace("_", " ")
    return word.upper() if word.replace(" ", "").isalpha() else "UNKNOWN"


def kind(build: BuildInfo) -> str:
    """``Nightly build`` or ``Build``."""
    return "Nightly build" if build.nightly else "Build"


def reach(cause: CauseRow) -> str:
    """How far a cause reaches: ``3 tests in 2 jobs``."""
    jobs = amount(cause.job_count, "job")
    return f"{amount(cause.test_count, 'test')} in {jobs}" if cause.test_count else jobs


def endings(jobs: JobCounts) -> str:
    """How the jobs ended that neither passed nor failed for good."""
    words = {
        "hard": jobs.hard,
        "soft": jobs.soft,
        "passed on retry": jobs.flaky,
        "broken": jobs.broken,
        "canceled": jobs.canceled,
        "blocked": jobs.blocked,
        "skipped": jobs.skipped,
        "unfinished": jobs.unfinished,
    }
    return ", ".join(f"{count:,} {word}" for word, count in words.items() if count)


def undone(scan: ScanReport) -> list[str]:
    """What the scan could not do, and why."""
    skipped = [f"{item.what}: {item.why}" for item in scan.coverage.skipped]
    return list(dict.fromkeys([*scan.notes, *skipped]))


def logs_read(scan: ScanReport) -> str:
    """How many of the logs were read."""
    looked = scan.coverage
    return f"Read {looked.examined:,} of {amount(looked.of, 'log')} of failed attempts"
