"""Failures across jobs and commits: search, history, tests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sickbay.clients.hud import convert, wire
from sickbay.clients.hud.fetch import Wanted
from sickbay.clients.hud.models import (
    AdvisorVerdict,
    FailureHistory,
    FlakyTests,
    Issue,
    JobAnnotation,
    StatusChange,
)
from sickbay.clients.hud.places import as_json, owner_and_name
from sickbay.clients.hud.reads import Reads, decoder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sickbay.ci.models import Job

_JOBS = decoder(wire.Jobs)
_JOB_LIST = decoder(list[wire.Job])
_FAILURES = decoder(wire.Failures)
_FAILED = decoder(wire.FailedJobs)
_TESTS = decoder(FlakyTests)
_CHANGES = decoder(tuple[StatusChange, ...])
_ISSUES = decoder(tuple[Issue, ...])
_VERDICTS = decoder(tuple[AdvisorVerdict, ...])
_ANNOTATIONS = decoder(dict[str, JobAnnotation])


class Failures(Reads):
    """Reads about failures."""

    async def search(  # noqa: PLR0913 - all but one keyword-only
        self,
        failure: str,
        *,
        start: datetime,
        end: datetime,
        repo: str | None = None,
        workflow: str = "",
        branch: str = "",
        min_score: float = 1.0,
    ) -> tuple[Job, ...]:
        """Jobs whose failure line is most like a text; at most 20, best first.

        HUD searches all of its repositories; ``repo`` is where jobs belong that do
        not say.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "search",
            failure=failure,
            startDate=start,
            endDate=end,
            workflowName=workflow,
            branchName=branch,
            minScore=min_score,
        )
        found = await self._got(url, _JOBS)
        return convert.named(found.jobs, repo=repo or self.repo, usual=self.repo)

    async def failure_history(
        self,
        *,
        name: str = "",
        job_name: str = "",
        captures: Sequence[str] = (),
        fuzzy: bool = False,
    ) -> FailureHistory:
        """Jobs of the last two weeks that failed with the same captures.

        Args:
            name: Full name of the job.
            job_name: Its name without the workflow.
            captures: All of them, in order.
            fuzzy: Similar captures will do.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "failure",
            name=name,
            jobName=job_name,
            failureCaptures=list(captures),
            useFuzzySearch=True if fuzzy else None,
        )
        found = await self._got(url, _FAILURES)
        return FailureHistory(
            counts=found.job_count,
            total=found.total_count,
            samples=convert.named(found.samples, repo=self.repo, usual=self.repo),
        )

    async def flaky_tests(
        self,
        *,
        name: str = "",
        suite: str = "",
        file: str = "",
        page: int = 1,
        per_page: int = 100,
    ) -> FlakyTests:
        """Tests whose names contain these texts.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "flaky-tests",
            "search",
            name=name,
            suite=suite,
            file=file,
            per_page=per_page,
            page=page,
        )
        return await self._got(url, _TESTS)

    async def flaky_test_failures(
        self, *, name: str, suite: str, file: str, limit: int = 100
    ) -> tuple[Job, ...]:
        """Jobs in which a test failed.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "flaky-tests", "failures", name=name, suite=suite, file=file, limit=limit
        )
        return convert.named(
            await self._got(url, _JOB_LIST), repo=self.repo, usual=self.repo
        )

    async def test_status_changes(
        self,
        sha1: str,
        sha2: str,
        *,
        files: Sequence[str] = (),
        jobs: Sequence[str] = (),
        fuzzy: bool = False,
    ) -> tuple[StatusChange, ...]:
        """Tests whose outcome differs between two commits; about 200 at most.

        Args:
            sha1: The earlier commit.
            sha2: The later one.
            files: Only tests of these.
            jobs: Only these, as ``workflow / job`` without shards.
            fuzzy: Where a job did not run on a commit, the nearest on which it did.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "flaky-tests",
            "statusChanges",
            sha1=sha1,
            sha2=sha2,
            files=list(files) or None,
            jobs=list(jobs) or None,
            fuzzy=True if fuzzy else None,
        )
        return await self._got(url, _CHANGES)

    async def file_report(self, start: datetime, end: datetime) -> dict[str, Any]:
        """What each test file cost, as HUD sends it.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self._places.api(
            "flaky-tests",
            "fileReport",
            startDate=int(start.timestamp()),
            endDate=int(end.timestamp()),
        )
        found: dict[str, Any] = await self._raw(url)
        return found

    async def issues(self, label: str) -> tuple[Issue, ...]:
        """Issues with a label, such as ``skipped``, ``unstable`` or ``ci: sev``.

        Raises:
            SickbayError: They are not to be had.
        """
        return await self._got(self._places.api("issue", label), _ISSUES)

    async def advisor_runs(
        self, number: int, *, repo: str | None = None
    ) -> tuple[AdvisorVerdict, ...]:
        """What HUD's own assistant thinks of the failures of a pull request.

        Raises:
            SickbayError: It is not to be had.
        """
        parts = owner_and_name(repo or self.repo)
        url = self._places.api(*parts, "pull", "advisor-runs", prNumber=number)
        return await self._got(url, _VERDICTS)

    async def advisor_badge(
        self, sha: str, job: str, *, repo: str | None = None
    ) -> str:
        """The same of one job, as a small picture (SVG).

        Raises:
            SickbayError: It is not to be had.
        """
        owner, name = owner_and_name(repo or self.repo)
        url = self._places.api(
            "drci", "advisorBadge", owner=owner, repo=name, sha=sha, job=job
        )
        return await self._fetch(Wanted(url, bytes.decode, text=True))

    async def failed_jobs(
        self, branch: str, *, start: datetime, end: datetime, repo: str | None = None
    ) -> tuple[Job, ...]:
        """Jobs that failed on a branch, each with what a person said of it.

        Raises:
            SickbayError: They are not to be had.
        """
        repo = repo or self.repo
        about = {"branch": branch, "repo": repo, "startTime": start, "stopTime": end}
        url = self._places.api(
            *("job_annotation", *owner_and_name(repo), "failures", as_json(about))
        )
        return await self._fetch(
            Wanted(url, partial(_failed, repo=repo, usual=self.repo))
        )

    async def job_annotations(
        self, job_ids: Sequence[int], *, repo: str | None = None
    ) -> dict[int, str]:
        """What people said of failed jobs, by job, such as ``TEST_FLAKE``.

        Raises:
            SickbayError: It is not to be had.
        """
        parts = owner_and_name(repo or self.repo)
        asked = as_json(list(job_ids))
        url = self._places.api("job_annotation", *parts, "annotations", asked)
        found = await self._got(url, _ANNOTATIONS)
        return {
            int(job): one.annotation for job, one in found.items() if job.isdecimal()
        }


def _failed(body: bytes, *, repo: str, usual: str) -> tuple[Job, ...]:
    found = _FAILED(body)
    for one in found.failed_jobs:
        said = found.annotations_map.get(str(one.id), {}).get("annotation")
        one.failure_annotation = one.failure_annotation or said
    return convert.named(found.failed_jobs, repo=repo, usual=usual)
