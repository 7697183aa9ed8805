"""From the number of a job to the job: the HUD answers by commit and branch only."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sickbay.ci.models import Job
from sickbay.toolsets.hud.analysis.number import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.core.gaps import Gaps
    from sickbay.toolsets.hud.analysis.reference import JobReference
    from sickbay.toolsets.hud.source import Hud

BY_ID = "flaky_tests/across_file_reruns/workflow_job_info"
"""The one named query that takes numbers of jobs; it does not tell the commit."""

PAGES = 4
PER_PAGE = 50
PUSHES = 6
BACK = timedelta(days=14)
"""How far back a job is looked for: pages of a branch, pushes of a pull request,
failures of a branch."""

_TAG = re.compile(r"ciflow/[^/]+/(?:(?P<sha>[0-9a-f]{40})|(?P<pull>[0-9]{1,9}))")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundJob:
    """A job that was asked for.

    Attributes:
        job: As far as it is known; None where the HUD knows nothing.
        whole: Whether it was seen on its commit, with state and failure.
    """

    reference: JobReference
    job: Job | None = None
    whole: bool = False


class Finder:
    """Finds jobs by number, asking for as little as it can.

    Args:
        source: The HUD.
        gaps: Where it goes what was not found.
    """

    def __init__(self, source: Hud, gaps: Gaps) -> None:
        self._source = source
        self._client = source.client
        self._gaps = gaps
        self._seen: dict[int, Job] = {}
        self._commits: dict[int, str] = {}
        """Of the runs that were seen."""
        self._stubs: dict[int, Job] = {}

    async def find(self, references: Sequence[JobReference]) -> list[FoundJob]:
        """Find each of them, in the order in which they are given."""
        await self._on_known(references)
        await self._ask(self._unseen(references))
        for (repo, branch), wanted in self._by_branch(self._unseen(references)):
            await self._on_branch(repo, branch, wanted)
        await self._on_runs(self._unseen(references))
        return [self._found(reference) for reference in references]

    def _found(self, reference: JobReference) -> FoundJob:
        job = self._seen.get(reference.job_id)
        if job is not None:
            return FoundJob(reference=reference, job=job, whole=True)
        stub = self._stubs.get(reference.job_id)
        where = stub.branch if stub and stub.branch else self._source.branch
        place = f"the last {PAGES * PER_PAGE} commits of {where}"
        failed = self._gaps.first is not None
        why = (
            f"not all of {place} were to be had" if failed else f"it is not on {place}"
        )
        self._gaps.note(
            f"what became of job {reference.job_id}",
            f"{why}; give its sha, or its address on the HUD",
        )
        return FoundJob(reference=reference, job=stub)

    def _unseen(self, references: Iterable[JobReference]) -> list[JobReference]:
        return [ref for ref in references if ref.job_id not in self._seen]

    def _lost(self, references: Iterable[JobReference]) -> bool:
        """Whether there is one of which not even the commit is known."""
        return any(
            self._run(ref) not in self._commits for ref in self._unseen(references)
        )

    def _run(self, reference: JobReference) -> int | None:
        stub = self._stubs.get(reference.job_id)
        run_id = reference.run_id or (stub.run_id if stub else None)
        return int(run_id) if run_id is not None else None

    def _saw(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            if job.job_id is not None:
                self._seen.setdefault(int(job.job_id), job)
            if job.run_id is not None:
                self._commits.setdefault(int(job.run_id), job.sha)

    def _by_branch(
        self, references: Iterable[JobReference]
    ) -> Iterable[tuple[tuple[str, str], list[JobReference]]]:
        """Jobs that may be on the same pages."""
        found: defaultdict[tuple[str, str], list[JobReference]] = defaultdict(list)
        for ref in references:
            stub = self._stubs.get(ref.job_id)
            branch = (stub.branch if stub else None) or self._source.branch
            found[ref.repo, branch].append(ref)
        return found.items()

    async def _ask(self, references: Sequence[JobReference]) -> None:
        """Learn what can be known of jobs by their numbers alone."""
        if not references:
            return
        numbers = [ref.job_id for ref in references]
        asked = self._client.query(BY_ID, {"job_ids": numbers})
        rows = await self._gaps.tried("the runs of the jobs", asked) or []
        for job in self._gaps.rows(BY_ID, rows, _stub):
            if job.job_id is not None:
                self._stubs[int(job.job_id)] = job

    async def _on_known(self, references: Iterable[JobReference]) -> None:
        """Look on the commits that are known."""
        named = {(ref.repo, ref.sha) for ref in references if ref.sha}
        await asyncio.gather(*(self._on_commit(repo, sha) for repo, sha in named))

    async def _on_runs(self, references: Iterable[JobReference]) -> None:
        """Look for attempts that are not the newest: only their runs have them."""
        wanted = []
        for ref in references:
            stub, run_id = self._stubs.get(ref.job_id), self._run(ref)
            sha = ref.sha or self._commits.get(run_id or 0)
            if sha and run_id:
                attempt = stub.attempt if stub else None
                wanted.append(self._on_commit(ref.repo, sha, run_id, attempt))
        await asyncio.gather(*wanted)

    async def _on_commit(
        self,
        repo: str,
        sha: str,
        run_id: int | None = None,
        attempt: int | None = None,
    ) -> None:
        asked = self._client.commit(sha, repo=repo, run_id=run_id, attempt=attempt)
        page = await self._gaps.tried(f"commit {sha[:10]}", asked)
        if page is not None:
            self._saw(page.jobs)

    async def _on_branch(
        self, repo: str, branch: str, wanted: Sequence[JobReference]
    ) -> None:
        """Look on the newest commits of a branch, or of what the tag belongs to."""
        tag = _TAG.fullmatch(branch)
        if tag and tag["sha"]:
            await self._on_commit(repo, tag["sha"])
        elif tag:
            await self._on_pull(repo, int(tag["pull"]), wanted)
        else:
            if branch != self._source.branch:  # maybe a fork's, which has no page
                await self._on_failures(repo, branch)
            if self._lost(wanted):
                await self._on_pages(repo, branch, wanted)

    async def _on_pull(
        self, repo: str, number: int, wanted: Sequence[JobReference]
    ) -> None:
        asked = self._client.pull(number, repo=repo)
        pull = await self._gaps.tried(f"pull request {number}", asked)
        for push in reversed(pull.shas[-PUSHES:] if pull else ()):
            if not self._lost(wanted):
                return
            await self._on_commit(repo, push.sha)

    async def _on_failures(self, repo: str, branch: str) -> None:
        """Look among what failed on a branch: that tells the runs of all else there."""
        now = self._source.now()
        asked = self._client.failed_jobs(branch, start=now - BACK, end=now, repo=repo)
        self._saw(await self._gaps.tried(f"failures of {branch[:60]}", asked) or ())

    async def _on_pages(
        self, repo: str, branch: str, wanted: Sequence[JobReference]
    ) -> None:
        for nth in range(1, PAGES + 1):
            asked = self._client.page(branch, repo=repo, page=nth, per_page=PER_PAGE)
            page = await self._gaps.tried(f"page {nth} of {branch}", asked)
            if page is None or not page.rows:
                return
            for row in page.rows:
                self._saw(row.jobs.values())
            if not self._lost(wanted):
                return


def _stub(row: Mapping[str, Any]) -> Job:
    """A job as the query by numbers tells it: what became of it is not there."""
    workflow, name = row.get("workflow_name"), row.get("name")
    return Job(
        name=" / ".join(str(part) for part in (workflow, name) if part),
        sha="",
        state="unknown",
        job_id=number(row.get("id")),
        run_id=number(row.get("workflow_id")),
        attempt=number(row.get("run_attempt")),
        url=str(row.get("html_url") or "") or None,
        branch=str(row.get("head_branch") or "") or None,
    )
