"""What the triage of a pull request has to know, gathered all at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sickbay.ci.inputs import Inputs
from sickbay.core.errors import BadRequest, NotFound
from sickbay.toolsets.hud.analysis.known import disabled_tests, flaky_rules
from sickbay.toolsets.hud.analysis.likeness import is_of
from sickbay.toolsets.hud.analysis.reference import commit_sha
from sickbay.toolsets.hud.analysis.suites import moment
from sickbay.toolsets.hud.models.pulls import PullFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sickbay.ci.models import Commit, Job
    from sickbay.clients.hud.models import Pull
    from sickbay.core.gaps import Gaps
    from sickbay.toolsets.hud.analysis.reference import PullReference
    from sickbay.toolsets.hud.source import Hud

BASES = "merge_bases"

SEARCHES = 25
"""Failures that are searched for elsewhere."""

BEFORE_BASE = timedelta(hours=24)
LONGEST = timedelta(days=7)
"""Where the same failure is looked for, as Dr.CI does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """Where a pull request began, as far as anybody knows."""

    sha: str | None = None
    time: datetime | None = None
    jobs: tuple[Job, ...] | None = None


class Docket:
    """Gathers what is known of one pull request.

    Args:
        source: The HUD.
        gaps: Where it goes what was not to be had.
        reference: The pull request.
    """

    def __init__(self, source: Hud, gaps: Gaps, reference: PullReference) -> None:
        self._source = source
        self._client = source.client
        self._gaps = gaps
        self._ref = reference

    async def gathered(
        self, sha: str | None
    ) -> tuple[PullFacts, tuple[Job, ...], Inputs]:
        """The pull request, its jobs, and everything that tells whose failures are.

        Args:
            sha: Of an older push; the newest where that is None.

        Raises:
            SickbayError: Not even the pull request and its jobs are to be had.
        """
        pull = await self._client.pull(self._ref.number, repo=self._ref.repo)
        head = _head(pull, sha)
        page, base, rules, disabled, unstable = await asyncio.gather(
            self._client.commit(head, repo=self._ref.repo),
            self._base(head),
            self._gaps.tried("flaky rules", self._client.flaky_rules()),
            self._gaps.tried("disabled tests", self._client.disabled_tests()),
            self._gaps.tried("unstable jobs", self._client.unstable_jobs()),
        )
        similar = await self._similar(page.jobs, page.commit, base.time)
        inputs = Inputs(
            base_jobs=base.jobs,
            base_time=base.time,
            body="\n".join([pull.body, *(push.title for push in pull.shas)]),
            unstable_jobs=None if unstable is None else [job.name for job in unstable],
            flaky_rules=flaky_rules(rules),
            disabled_tests=disabled_tests(disabled),
            has_log=_has_log(page.jobs),
            similar=similar,
            sha=head,
            branch=_branch(page.jobs),
            author=next((job.author for job in page.jobs if job.author), None),
        )
        facts = _facts(pull, self._ref, head, page.commit, base)
        return facts, page.jobs, inputs

    async def _base(self, head: str) -> _Base:
        """Where the pull request began."""
        asked = self._client.query(BASES, {"shas": [head], "repo": self._ref.repo})
        rows = await self._gaps.tried("merge base", asked)
        if rows is None:
            return _Base()
        found = next((row for row in rows if row.get("head_sha") == head), None)
        if found is None or not found.get("merge_base"):
            self._gaps.note("merge base", f"the HUD does not know that of {head[:10]}")
            return _Base()
        sha = str(found["merge_base"])
        asked_page = self._client.commit(sha, repo=self._ref.repo)
        page = await self._gaps.tried(f"jobs of the merge base {sha[:10]}", asked_page)
        return _Base(
            sha=sha,
            time=moment(found.get("merge_base_commit_date")),
            jobs=page.jobs if page else None,
        )

    async def _similar(
        self, jobs: Sequence[Job], head: Commit, base_time: datetime | None
    ) -> Mapping[str, Sequence[Job]] | None:
        """Failures elsewhere like each job's; None where nothing can be searched."""
        failing = [job for job in jobs if job.failed]
        lines = list(dict.fromkeys(job.lines[0] for job in failing if job.lines))
        for line in lines[SEARCHES:]:
            self._gaps.note(
                f"failures like {line[:60]}", f"more than {SEARCHES} searches"
            )
        end = head.time or self._source.now()
        start = max((base_time or end - LONGEST) - BEFORE_BASE, end - LONGEST)
        found = await asyncio.gather(
            *(self._like(line, start, end) for line in lines[:SEARCHES])
        )
        by_line = dict(zip(lines, found, strict=False))
        if lines and all(jobs is None for jobs in found):
            return None
        return {  # without a job whose search failed: nobody knows of that
            job.name: alike
            for job in failing
            if (alike := by_line.get(job.lines[0]) if job.lines else ()) is not None
        }

    async def _like(
        self, line: str, start: datetime, end: datetime
    ) -> Sequence[Job] | None:
        asked = self._client.search(line, repo=self._ref.repo, start=start, end=end)
        found = await self._gaps.tried(f"failures like {line[:60]}", asked)
        if found is None:
            return None
        return [job for job in found if is_of(job, self._ref.repo)]


def _head(pull: Pull, sha: str | None) -> str:
    """The commit that is meant: one of the pushes."""
    pushes = [push.sha for push in pull.shas if push.sha]
    if sha is None:
        if not pushes:
            raise NotFound(f"pull request {pull.number} has no commits")
        return pushes[-1]
    wanted = commit_sha(sha)
    named = [push for push in pushes if push.startswith(wanted)]
    if len(named) != 1:
        raise BadRequest(
            f"{wanted[:12]} is no commit of pull request {pull.number}",
            hint=f"it has {', '.join(push[:10] for push in pushes[-5:])}",
        )
    return named[0]


def _facts(
    pull: Pull,
    reference: PullReference,
    head: str,
    commit: Commit,
    base: _Base,
) -> PullFacts:
    return PullFacts(
        number=pull.number,
        title=pull.title,
        url=f"https://github.com/{reference.repo}/pull/{reference.number}",
        author=commit.author or None,
        sha=head,
        newest=head == pull.shas[-1].sha,
        pushes=len(pull.shas),
        base_sha=base.sha,
        base_time=base.time,
    )


def _has_log(jobs: Sequence[Job]) -> dict[int | str, bool]:
    """Where a line was found in a log, there is one."""
    return {job.job_id: True for job in jobs if job.job_id is not None and job.lines}


def _branch(jobs: Sequence[Job]) -> str | None:
    """The pull request's own branch; tags that start workflows are none."""
    names = (job.branch for job in jobs if job.branch)
    return next((name for name in names if not name.startswith("ciflow/")), None)
