"""Builds whose story is known: what broke when, what was slow since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sickbay.ci.records import BuildRecord, CauseRecord, JobRecord, ResultRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.records import Listing

PIPELINE = "acme/ci"
EVERY = timedelta(hours=6)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
"""The last build is an hour older: tools look at times up to the present."""

EVIL = "t/test_evil.py::test[`@everyone` <!channel> **x** \u202e\x1b[31m]"


@dataclass(frozen=True)
class Story:
    """What becomes of one test.

    Attributes:
        fails: Places of the builds in which it fails, the oldest is 0.
        seconds: It takes, and ``later`` from the build ``since`` on.
        ran: Places of the builds in which it runs; None is all.
    """

    test_id: str
    fails: Sequence[int] = ()
    message: str = "assert 1 == 2"
    seconds: float = 1.0
    later: float = 1.0
    since: int = 0
    ran: Sequence[int] | None = None


def told(
    stories: Iterable[Story],
    *,
    builds: int = 40,
    listing: Listing = "all",
    branch: str = "main",
    first: int = 1,
) -> list[BuildRecord]:
    """Builds of one job each, the oldest first."""
    known = list(stories)
    return [
        _build(known, place, first + place, builds - place, listing, branch)
        for place in range(builds)
    ]


def _build(  # noqa: PLR0913, PLR0917 - what a build is made of
    stories: Sequence[Story],
    place: int,
    number: int,
    to_come: int,
    listing: Listing,
    branch: str,
) -> BuildRecord:
    created = NOW - timedelta(hours=1) - EVERY * (to_come - 1)
    job_id = f"{branch}/{number}/unit"
    running = [one for one in stories if one.ran is None or place in one.ran]
    results = [_result(story, place, job_id) for story in running]
    failed = [one for one in results if one.outcome == "failed"]
    listed = results if listing == "all" else failed
    job = JobRecord(
        job_id=job_id,
        name="unit tests",
        variant="unit tests",
        state="fail" if failed else "ok",
        listing=listing,
        complete=True,
        tests_run=len(results),
        tests_failed=len(failed),
        duration_s=600.0,
        url=f"https://ci.example/{number}#{job_id}",
        log=f"log:{job_id}",
    )
    return BuildRecord(
        build_id=f"buildkite:{PIPELINE}/{number}",
        source="buildkite",
        pipeline=PIPELINE,
        number=str(number),
        branch=branch,
        sha=f"{number:040x}",
        title=f"Change {number} (#{number})",
        author="ann",
        state="failed" if failed else "passed",
        url=f"https://ci.example/{PIPELINE}/{number}",
        created_at=created,
        finished_at=created + timedelta(minutes=20),
        jobs=(job,),
        results=tuple(listed),
        causes=tuple(_cause(one) for one in failed),
    )


def _result(story: Story, place: int, job_id: str) -> ResultRecord:
    failed = place in story.fails
    wave = 1 + 0.02 * ((place * 7) % 5 - 2)
    seconds = story.later if place >= story.since else story.seconds
    return ResultRecord(
        test_id=story.test_id,
        job_id=job_id,
        outcome="failed" if failed else "passed",
        duration_s=seconds * wave,
        signature=f"sig-{story.message}" if failed else "",
        exception="AssertionError" if failed else None,
        message=story.message if failed else None,
        line=7 if failed else None,
    )


def _cause(result: ResultRecord) -> CauseRecord:
    return CauseRecord(
        cause_id=f"cause-{result.message}",
        job_id=result.job_id,
        text=result.message or "",
        signature=result.signature,
        test_id=result.test_id,
        category="NEW_REGRESSION",
        trouble="assertion",
        confidence=0.9,
        excerpt=f"E       {result.message}\n",
        line=7,
    )


BREAKS = Story("t/test_a.py::test_breaks", fails=range(30, 40), message="it broke")
MENDED = Story("t/test_a.py::test_mended", fails=range(8, 22), message="it was broken")
SLOW = Story("t/test_b.py::test_slow", seconds=2.0, later=6.0, since=24)
FLAKY = Story("t/test_b.py::test_flaky", fails=(3, 9, 17, 22, 31, 36), message="maybe")
STEADY = tuple(Story(f"t/test_c.py::test_{n}") for n in range(20))
HOSTILE = Story(EVIL, fails=range(36, 40), message="`<!here>` @all \x1b[31m{}")

STORIES = (BREAKS, MENDED, SLOW, FLAKY, HOSTILE, *STEADY)
