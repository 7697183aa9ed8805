"""The grid of a branch, one commit, one pull request."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec
from anyio import to_thread

from sickbay.ci.grid import joined
from sickbay.ci.models import Grid
from sickbay.clients.hud import convert, wire
from sickbay.clients.hud.fetch import SOON, Wanted
from sickbay.clients.hud.models import CommitPage, HudPage, Pull, RunInfo
from sickbay.clients.hud.places import owner_and_name
from sickbay.clients.hud.reads import Reads, decoder
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import BadRequest, Malformed, SickbayError
from sickbay.core.results import Coverage, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.models import Commit, Job

PER_PAGE = 50
"""What HUD's own pages ask for: those answers are ready."""

CLOSED_AFTER = timedelta(days=1)
CLOSED_S = timedelta(days=3).total_seconds()
"""How long it holds what is old and has ended: a job may still be run again."""

_PAGE = Tolerant(wire.Page)
_COMMIT = Tolerant(wire.CommitPage)
_PULL = decoder(Pull)
_RUNS = decoder(list[wire.Run])
_SHA = re.compile(r"[0-9a-f]{40}", re.ASCII)


class Pages(Reads):
    """Reads the grid, commits and pull requests."""

    async def page(  # noqa: PLR0913 - all but one keyword-only, with a default
        self,
        ref: str = "main",
        *,
        repo: str | None = None,
        page: int = 1,
        per_page: int = PER_PAGE,
        hide_unstable: bool = False,
        hide_reruns: bool = False,
        merge_ephemeral: bool = False,
        refresh: bool = False,
    ) -> HudPage:
        """One page of the grid.

        Args:
            ref: A branch, or the commit to begin at.
            repo: As ``owner/name``.
            page: From 1.
            per_page: Commits, at most 100.
            hide_unstable: Without jobs that do not count.
            hide_reruns: Without jobs that run disabled tests or look for leaks.
            merge_ephemeral: Jobs on short-lived runners under the names of the others.
            refresh: Past the cache.

        Raises:
            SickbayError: It is not to be had.
        """
        repo = repo or self.repo
        wishes = {
            "filter_unstable": hide_unstable,
            "filter_reruns": hide_reruns,
            "mergeEphemeralLF": merge_ephemeral,
        }
        url = self._page_url(ref, wishes, repo=repo, page=page, per_page=per_page)
        what = Wanted(
            url,
            partial(_page, repo=repo, usual=self.repo),
            partial(self._page_holds_s, ref),
            hint=f"is there a branch or commit {ref[:80]} in {repo[:80]}?",
        )
        return await self._fetch(what, refresh=refresh)

    async def trunk(
        self,
        branch: str = "main",
        *,
        repo: str | None = None,
        commits: int = PER_PAGE,
        page: int = 1,
        refresh: bool = False,
    ) -> tuple[Grid, Coverage]:
        """The latest commits of a branch, all pages of them at once.

        Args:
            branch: Its name.
            repo: As ``owner/name``.
            commits: How many.
            page: 2 is as many commits again, before those.
            refresh: Past the cache.

        Returns:
            What came, and what did not come and why.

        Raises:
            SickbayError: No page came.
        """
        if commits < 1 or page < 1:
            raise BadRequest("commits and page are numbers from 1")
        size, first = min(commits, PER_PAGE), (page - 1) * commits
        numbers = range(first // size + 1, -(-(first + commits) // size) + 1)
        pages = (
            self._part(branch, repo=repo, page=n, per_page=size, refresh=refresh)
            for n in numbers
        )
        parts = await asyncio.gather(*pages)
        return await to_thread.run_sync(_together, parts, size, first, commits)

    async def commit(
        self,
        sha: str,
        *,
        repo: str | None = None,
        run_id: int | None = None,
        attempt: int | None = None,
        refresh: bool = False,
    ) -> CommitPage:
        """One commit with its jobs: of each name the latest.

        Args:
            sha: The whole of it.
            repo: As ``owner/name``.
            run_id: Only jobs of this run.
            attempt: Of that run; 0 is all of them.
            refresh: Past the cache.

        Raises:
            SickbayError: It is not to be had.
        """
        repo = repo or self.repo
        url = self._places.api(
            *owner_and_name(repo), "commit", sha, workflowId=run_id, runAttempt=attempt
        )
        what = Wanted(
            url,
            partial(_commit, repo=repo, usual=self.repo),
            self._commit_holds_s,
            hint=f"is there a commit {sha[:80]} in {repo[:80]}?",
        )
        return await self._fetch(what, refresh=refresh)

    async def pull(self, number: int, *, repo: str | None = None) -> Pull:
        """A pull request; what its jobs did, the page of its last commit says.

        Raises:
            SickbayError: It is not to be had.
        """
        repo = repo or self.repo
        url = self._places.api(*owner_and_name(repo), "pull", number)
        hint = f"is there a pull request {number} in {repo[:80]}?"
        found = await self._fetch(Wanted(url, _PULL, hint=hint))
        return msgspec.structs.replace(found, number=number)

    async def corresponding_runs(self, sha: str, run_id: int) -> tuple[int, ...]:
        """The runs of the same workflow as a run's, on another commit.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api("corresponding_workflow_id", sha=sha, workflowId=run_id)
        found = await self._got(url, _RUNS)
        return tuple(run.id for run in found if run.id is not None)

    async def _part(
        self, branch: str, *, repo: str | None, page: int, per_page: int, refresh: bool
    ) -> _Part:
        try:
            found = await self.page(
                branch, repo=repo, page=page, per_page=per_page, refresh=refresh
            )
        except SickbayError as exc:
            return _Part(page, exc)
        return _Part(page, found)

    def _page_holds_s(self, ref: str, found: HudPage) -> float:
        """A page that begins at a branch is another one as soon as it grows."""
        fixed = _SHA.fullmatch(ref) and found.rows
        jobs = (job for row in found.rows for job in row.jobs.values())
        commits = (row.commit for row in found.rows)
        return CLOSED_S if fixed and self._closed(commits, jobs) else SOON

    def _commit_holds_s(self, found: CommitPage) -> float:
        closed = bool(found.jobs) and self._closed([found.commit], found.jobs)
        return CLOSED_S if closed else SOON

    def _closed(self, commits: Iterable[Commit], jobs: Iterable[Job]) -> bool:
        """Whether it is old, and all of it has ended."""
        before = self._now() - CLOSED_AFTER
        old = all(commit.time and commit.time < before for commit in commits)
        return old and not any(job.unfinished or job.state == "unknown" for job in jobs)


@dataclass(frozen=True, slots=True)
class _Part:
    number: int
    got: HudPage | SickbayError


def _together(
    parts: Sequence[_Part], size: int, first: int, commits: int
) -> tuple[Grid, Coverage]:
    """Pages as one grid: ``commits`` rows from the one after ``first`` of them."""
    grids, skipped, lost = [], [], False
    for part in parts:
        begin = (part.number - 1) * size
        above, below = max(first - begin, 0), first + commits - begin
        if isinstance(part.got, SickbayError):
            what = f"commits {begin + above + 1} to {begin + min(below, size)}"
            skipped.append(Skipped(what, str(part.got)))
            lost = True
            continue
        if part.got.unreadable:
            what = f"{part.got.unreadable} values of page {part.number}"
            skipped.append(Skipped(what, "they could not be read"))
        rows = part.got.rows[above:below]
        complete = part.got.commits < size and part.got.commits <= below
        gaps = part.got.gaps.union(row.commit.sha for row in rows[:1] if lost)
        grids.append(Grid(rows=rows, complete=complete, gaps=gaps))
        lost = False
    failed = [part.got for part in parts if isinstance(part.got, SickbayError)]
    if not grids:
        raise failed[0]
    grid = joined(grids)
    known = None if failed else len(grid.rows)
    total = known if grid.complete else commits
    return grid, Coverage(len(grid.rows), total, tuple(skipped))


def _page(body: bytes, *, repo: str, usual: str) -> HudPage:
    read = _PAGE(body)
    names, sent = read.value.job_names, read.value.sha_grid
    if sent is None:
        raise Malformed("the data is no page of commits")
    found = [commit for commit in sent if commit and commit.sha]
    shas = [commit.sha if commit else "" for commit in sent]
    unnamed = sum(len(commit.jobs or ()) > len(names) for commit in found)
    unnamed += sum(commit is not None and not commit.sha for commit in sent)
    return HudPage(
        rows=tuple(
            convert.row(commit, names, repo=repo, usual=usual) for commit in found
        ),
        job_names=tuple(name for name in names if name is not None),
        commits=len(sent),
        unreadable=read.unreadable + unnamed,
        gaps=frozenset(sha for newer, sha in pairwise(shas) if sha and not newer),
    )


def _commit(body: bytes, *, repo: str, usual: str) -> CommitPage:
    read = _COMMIT(body)
    found = read.value
    if found.commit is None:
        raise Malformed("the data is no commit")
    runs = {
        workflow: [
            RunInfo(run_id=run.id, attempt=run.attempt, origin=run.run_origin)
            for run in several
            if run.id is not None
        ]
        for workflow, several in found.workflow_ids_by_name.items()
    }
    return CommitPage(
        commit=convert.commit(found.commit),
        jobs=convert.named(found.jobs, repo=repo, usual=usual, sha=found.commit.sha),
        runs=runs,
        unreadable=read.unreadable,
    )
