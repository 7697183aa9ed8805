"""The commits between two builds: from a checkout, from GitHub, or only the builds'."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sickbay.core.errors import SickbayError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.authors import CommitInfo
    from sickbay.ci.history.models import BuildPoint
    from sickbay.core.gaps import Gaps
    from sickbay.toolsets.history.models.culprit import Origin
    from sickbay.toolsets.history.source import HistorySource
    from sickbay.toolsets.history.tools.case import Case

MOST = 200
"""Commits of a range that a checkout is asked for."""

MOST_GITHUB = 100
FILES_GITHUB = 40
"""Commits whose files GitHub is asked for: the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commits:
    """Commits, the oldest first.

    Attributes:
        known: Those whose files are known, by their sha.
    """

    commits: tuple[CommitInfo, ...]
    origin: Origin
    known: frozenset[str] = frozenset()


async def commits_between(
    source: HistorySource, case: Case, ends: Sequence[BuildPoint], gaps: Gaps
) -> Commits:
    """The commits behind the first build, up to and with the last.

    Args:
        source: Has the checkout, and GitHub.
        case: Of which test.
        ends: Builds of the range, the last good one first.
        gaps: Collects why more is not known.
    """
    after, until = ends[0].sha, ends[-1].sha
    if source.git is not None:
        try:
            return await _from_git(source, after, until, gaps)
        except SickbayError as exc:
            gaps.note("commits in the checkout", str(exc))
    if case.place.repo is not None:
        try:
            return await _from_github(source, case.place.repo, after, until, gaps)
        except SickbayError as exc:
            gaps.note("commits on GitHub", str(exc))
    return _from_builds(after, ends[1:])


async def _from_git(
    source: HistorySource, after: str, until: str, gaps: Gaps
) -> Commits:
    assert source.git is not None  # noqa: S101 - asked before
    shas = await source.git.between(after, until, most=MOST)
    if len(shas) == MOST:
        gaps.note(f"commits older than {shas[0][:8]}", f"{MOST} are looked at")
    found = await asyncio.gather(*map(source.git.commit, shas))
    return Commits(commits=tuple(found), origin="git", known=frozenset(shas))


async def _from_github(
    source: HistorySource, repo: str, after: str, until: str, gaps: Gaps
) -> Commits:
    github = source.github(repo)
    newest = await github.commits(sha=until, limit=MOST_GITHUB)
    shas = [commit.sha for commit in newest]
    count = shas.index(after) if after in shas else len(shas)
    if after not in shas:
        gaps.note(f"commits older than {shas[-1][:8]}", f"{MOST_GITHUB} are looked at")
    wanted = newest[:count]
    read = wanted[:FILES_GITHUB]
    if count > len(read):
        gaps.note(
            f"files of {count - len(read)} older commits",
            f"those of {FILES_GITHUB} are looked at",
        )
    full = await asyncio.gather(*(github.commit(commit.sha) for commit in read))
    return Commits(
        commits=(*reversed(wanted[len(read) :]), *reversed(full)),
        origin="github",
        known=frozenset(commit.sha for commit in full),
    )


def _from_builds(after: str, builds: Sequence[BuildPoint]) -> Commits:
    from sickbay.ci.authors import Author, CommitInfo  # noqa: PLC0415 - brings patterns

    found: dict[str, CommitInfo] = {}
    for build in builds:
        if build.sha and build.sha != after:
            commit = CommitInfo(sha=build.sha, message=build.title)
            if build.author:
                commit = replace(commit, author=Author(name=build.author))
            found.setdefault(build.sha, replace(commit, time=build.ordered_at))
    return Commits(commits=tuple(found.values()), origin="builds")
