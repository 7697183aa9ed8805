"""A test's observations as rows: what became of it in each build and job."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sickbay.toolsets.history.analysis.fingerprint import fingerprint, said
from sickbay.toolsets.history.analysis.values import rounded
from sickbay.toolsets.history.models.story import BuildStory, JobStory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sickbay.ci.history.models import JobRun, Observation, Run, Sighting
    from sickbay.core.gaps import Gaps

JOBS = 20
"""Of a build that are shown."""

EXCERPT = 800
"""Characters of one excerpt, and ``EXCERPTS`` of all of them together."""

EXCERPTS = 200_000
LEAD = 500
"""Of an excerpt before the line that tells most."""

_STATUS = {
    "passed": "pass",
    "xpassed": "pass",
    "failed": "fail",
    "error": "fail",
    "crashed": "fail",
    "timed_out": "fail",
    "rerun": "flaky",
}
_ORDER = ("fail", "flaky", "infra")
_FAILED = frozenset({"fail", "flaky"})


class Quotes:
    """Excerpts of logs, until they are too much: one for each failure of a build.

    Args:
        sightings: Failures of the test, with what the logs say.
        wanted: Whether there are to be any.
    """

    def __init__(self, sightings: Iterable[Sighting], *, wanted: bool) -> None:
        self._by_job = {one.job_id: one for one in sightings}
        self._wanted = wanted
        self._left = EXCERPTS
        self._shown: set[tuple[str, str | None]] = set()
        self.dropped = 0

    def text(self, job_id: str) -> str | None:
        """The line that tells the failure in a job best."""
        found = self._by_job.get(job_id)
        return found.text if found else None

    def excerpt(self, job_id: str, words: str | None) -> str | None:
        """The lines around it, cut to size; None where there is no room left.

        Args:
            job_id: Of the job.
            words: What the failure says: once for each build is enough.
        """
        found = self._by_job.get(job_id)
        if found is None or not found.excerpt or not self._wanted:
            return None
        failure = (found.build.build_id, words)
        if words and failure in self._shown:
            return None
        self._shown.add(failure)
        excerpt = _around(found.text, found.excerpt.strip("\n"))
        if len(excerpt) > self._left:
            self.dropped += 1
            return None
        self._left -= len(excerpt)
        return excerpt


def _around(line: str, excerpt: str) -> str:
    """The part of an excerpt with the line that tells most, and what led to it."""
    if len(excerpt) <= EXCERPT:
        return excerpt
    start = max(0, excerpt.find(line.strip()) - LEAD)
    end = start + EXCERPT
    before, after = "…" * (start > 0), "…" * (end < len(excerpt))
    return f"{before}{excerpt[start:end]}{after}"


def story_rows(
    observations: Iterable[Observation], quotes: Quotes, gaps: Gaps
) -> tuple[BuildStory, ...]:
    """A row for each build, in the same order.

    Args:
        observations: What became of the test.
        quotes: Has the excerpts.
        gaps: Collects what is not shown.
    """
    rows = tuple(_build(seen, quotes, gaps) for seen in observations)
    if quotes.dropped:
        gaps.note(
            f"{quotes.dropped:,} excerpts of logs",
            f"all together have {EXCERPTS:,} characters; the log has the rest",
        )
    return rows


def _build(seen: Observation, quotes: Quotes, gaps: Gaps) -> BuildStory:
    build = seen.build
    jobs = sorted(_jobs(seen, quotes), key=lambda told: _rank(told[1]))
    if (more := len(jobs) - JOBS) > 0:
        gaps.note(
            f"{more} more jobs of build {build.number}",
            f"{JOBS} of a build are shown, those that failed first",
        )
    return BuildStory(
        build_number=build.number,
        build_url=build.url,
        created_at=build.created_at,
        commit_sha=build.sha,
        test_found=seen.observed,
        test_status=seen.outcome,
        why=seen.why,
        jobs=tuple(_quoted(job_id, row, quotes) for job_id, row in jobs[:JOBS]),
    )


def _quoted(job_id: str, row: JobStory, quotes: Quotes) -> JobStory:
    """The row with its excerpt, if it failed."""
    if row.status not in _FAILED:
        return row
    excerpt = quotes.excerpt(job_id, row.fingerprint_normalized)
    return replace(row, log_excerpt=excerpt)


def _jobs(seen: Observation, quotes: Quotes) -> Iterator[tuple[str, JobStory]]:
    jobs = {job.job_id: job for job in seen.jobs}
    for run in seen.runs:
        yield run.job_id, _of_run(run, jobs.get(run.job_id), quotes)
    ran = {run.job_id for run in seen.runs}
    for job in seen.jobs:
        row = _of_job(job, inferred=seen.inferred)
        # That a test of one shard is in no other is no news.
        if job.job_id not in ran and (row.status != "absent" or not ran):
            yield job.job_id, row


def _of_run(run: Run, job: JobRun | None, quotes: Quotes) -> JobStory:
    status = _STATUS.get(run.outcome, run.outcome)
    if job and job.infra and status == "fail":
        status = "infra"
    words = said(run) or quotes.text(run.job_id) if status != "pass" else None
    return JobStory(
        job_name=job.name if job else run.variant,
        job_url=job.url if job else None,
        variant=run.variant,
        shard=run.shard,
        attempt=job.attempt if job else 1,
        status=status,
        duration_s=rounded(run.duration_s),
        fingerprint_normalized=fingerprint(words) if words else None,
        log=job.log if job else None,
    )


def _of_job(job: JobRun, *, inferred: bool) -> JobStory:
    passed = inferred and job.state in {"ok", "flaky"}
    return JobStory(
        job_name=job.name,
        job_url=job.url,
        variant=job.variant,
        shard=job.shard,
        attempt=job.attempt,
        status="infra" if job.infra else "pass" if passed else "absent",
        log=job.log,
    )


def _rank(job: JobStory) -> tuple[int, str, int]:
    place = _ORDER.index(job.status) if job.status in _ORDER else len(_ORDER)
    return (place, job.job_name, job.attempt)
