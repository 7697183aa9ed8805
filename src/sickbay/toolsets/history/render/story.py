"""The page about one test: the verdict, its builds as a strip, the failures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.page import Quote, block, line
from sickbay.render.words import amount, share
from sickbay.toolsets.history.render.place import SHORT
from sickbay.toolsets.history.render.step import next_step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.render.page import Drawing, Line, Part
    from sickbay.toolsets.history.models.story import (
        BuildStory,
        JobStory,
        TestHistory,
        Verdict,
    )
    from sickbay.toolsets.history.models.window import BuildFact

FAILURES = 3
"""Builds whose failures are shown, the newest that failed."""

JOBS = 3
UNDONE = 5
_MOODS = {
    "REGRESSION": "bold red",
    "PERSISTENT_FAIL": "bold red",
    "FLAKE_ONSET": "bold yellow",
    "SPORADIC": "bold yellow",
    "FIXED": "bold green",
    "STABLE": "bold green",
}
_FAILED = frozenset({"fail", "flaky"})


def story_page(found: TestHistory, drawn: Drawing) -> Iterator[Part]:
    """The page.

    Args:
        found: The whole answer.
        drawn: Its strip.
    """
    yield block(_head(found))
    yield drawn
    yield block(_notes(found.assessment))
    failed = [build for build in found.timeline if build.test_status in _FAILED]
    if failed:
        yield block(_failures(failed))
    yield block(_foot(found))


def _head(found: TestHistory) -> Iterator[Line]:
    verdict = found.assessment
    sure = f" ({verdict.level}, {share(verdict.confidence)} sure)"
    mood = _MOODS.get(verdict.classification, "bold")
    yield line(Quote(found.test_id or ""), mood="bold")
    yield line(verdict.classification, sure, mood=mood)
    for name in ("first_bad", "last_good", "first_good", "last_bad"):
        build = getattr(verdict, name)
        if build:
            yield from _build(name.replace("_", " "), build)


def _build(name: str, build: BuildFact) -> Iterator[Line]:
    commit = (", commit ", Quote(build.commit[:SHORT])) if build.commit else ()
    url = ("  ", Quote(build.build_url)) if build.build_url else ()
    yield line(f"{name}: build ", Quote(build.build_number), *commit, *url, level=1)


def _notes(verdict: Verdict) -> Iterator[Line]:
    for note in verdict.notes:
        yield line("- ", Quote(note))


def _failures(builds: Sequence[BuildStory]) -> Iterator[Line]:
    yield line("Failures, the newest first", mood="bold")
    for build in builds[:FAILURES]:
        at = f"{build.created_at:%Y-%m-%d %H:%M}, " if build.created_at else ""
        number = Quote(build.build_number)
        commit = Quote(build.commit_sha[:SHORT])
        status = f": {build.test_status}"
        yield line("build ", number, f" ({at}", commit, f"){status}", level=1)
        bad = [job for job in build.jobs if job.status in _FAILED]
        for job in bad[:JOBS]:
            yield from _job(job)
        if (more := len(bad) - JOBS) > 0:
            yield line(f"and {amount(more, 'more job')}", level=2)
    if (more := len(builds) - FAILURES) > 0:
        yield line(f"and {amount(more, 'older build')}", level=1)


def _job(job: JobStory) -> Iterator[Line]:
    said = (": ", Quote(job.fingerprint_normalized or "no message"))
    yield line(Quote(job.job_name), *said, level=2)
    if place := job.job_url or job.log:
        yield line(Quote(place), level=3, mood="dim")


def _foot(found: TestHistory) -> Iterator[Line]:
    yield line(f"Looked at {amount(found.coverage.examined, 'build')}.", mood="dim")
    for item in found.coverage.skipped[:UNDONE]:
        said = (Quote(item.what), " (", Quote(item.why), ")")
        yield line("Not looked at: ", *said, mood="yellow")
    if (more := len(found.coverage.skipped) - UNDONE) > 0:
        yield line(f"Not looked at: {more:,} more.", mood="yellow")
    if found.assessment.transition_build:
        yield next_step("culprit", found.test_id or "")
