"""Whose the failures of a build are: asked once for all of them, and no more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sickbay.ci.mentions import parsed_test
from sickbay.ci.owners import Codeowners, owner, paths_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.authors import BlameLine, CommitInfo
    from sickbay.ci.builds import Build
    from sickbay.ci.scan.models import Cause, Owner
    from sickbay.core.gaps import Gaps
    from sickbay.toolsets.buildkite.source import Buildkite
    from sickbay.toolsets.buildkite.tools.hub import Hub

TESTS = 50
"""Of one cause, whose files are looked at."""

FILES = 100
"""Of all causes, that are looked for in the repository."""

BLAMED = 8
SURE = 0.5
"""An owner surer than this is not looked for any further."""

NO_CHECKOUT = (
    "no checkout: who wrote a test is not known, only who owns its folder "
    "(set VLLM_REPO_PATH)"
)


class Ownership:
    """Finds owners of causes.

    Args:
        source: GitHub, and a checkout if there is one.
        build: Which commit was built.
        gaps: Where it goes what was not to be had.
        hub: Asks GitHub.
    """

    def __init__(self, source: Buildkite, build: Build, gaps: Gaps, hub: Hub) -> None:
        self._github = source.github
        self._git = source.git
        self._roots = source.settings.test_roots
        self._sha = build.sha
        self._gaps = gaps
        self._hub = hub
        self._rules: Codeowners | None = None
        self._blamed = 0

    async def prepare(self) -> None:
        """Fetch what is needed whatever fails, while other things are fetched."""
        if self._sha:
            await self._choose_git()
            self._rules = await self._codeowners()

    async def owned(self, causes: Sequence[Cause]) -> tuple[Cause, ...]:
        """The causes with their owners; of a machine that is sick there is none."""
        asked = [cause for cause in causes if _wants_owner(cause)]
        if not asked or not self._sha:
            return tuple(causes)
        commit, paths = await asyncio.gather(self._commit(asked), self._paths(asked))
        owners = {}
        for cause in asked:
            own = paths[cause.cause_id]
            find = partial(_owner, cause, own, self._rules, commit)
            found = await asyncio.to_thread(find)
            if own and not _sure(found):
                lines = await self._blame(own[0], cause.tests[0])
                found = await asyncio.to_thread(find, lines)
            owners[cause.cause_id] = found
        return tuple(replace(c, owner=owners.get(c.cause_id)) for c in causes)

    async def _choose_git(self) -> None:
        """Ask the checkout only if it has the commit."""
        if self._git is None:
            return
        has = await self._gaps.tried("checkout", self._git.has(self._sha))
        if has is False:
            said = f"it has no commit {self._sha[:8]} (fetch, and scan again)"
            self._gaps.note("checkout", said)
        if not has:
            self._git = None

    async def _codeowners(self) -> Codeowners | None:
        text = None
        if self._git:
            asked = self._git.codeowners(self._sha)
            text = await self._gaps.tried("CODEOWNERS of the checkout", asked)
        if text is None:
            asking = partial(self._github.codeowners, self._sha)
            text = await self._hub.tried("CODEOWNERS", asking)
        if not text:
            return None
        rules = await asyncio.to_thread(Codeowners, text)
        if rules.why:
            self._gaps.note("CODEOWNERS", rules.why)
        return rules

    async def _commit(self, causes: Sequence[Cause]) -> CommitInfo | None:
        """The commit that was built, where something is new."""
        if all(cause.verdict.category != "NEW_REGRESSION" for cause in causes):
            return None
        what = "the commit that was built"
        if self._git:
            return await self._gaps.tried(what, self._git.commit(self._sha))
        asked = partial(self._github.commit, self._sha)
        return await self._hub.tried(what, asked)

    async def _paths(self, causes: Sequence[Cause]) -> dict[str, list[str]]:
        """The files of each cause's tests, one for each test."""
        candidates = {
            cause.cause_id: [paths_of(t, self._roots) for t in cause.tests[:TESTS]]
            for cause in causes
        }
        wanted = dict.fromkeys(
            path for found in candidates.values() for paths in found for path in paths
        )
        there = await self._existing(list(wanted)[:FILES])
        return {
            cause_id: [_likeliest(paths, there) for paths in found if paths]
            for cause_id, found in candidates.items()
        }

    async def _existing(self, paths: Sequence[str]) -> frozenset[str]:
        if not paths:
            return frozenset()
        what = "files of the tests"
        if self._git:
            looked = self._gaps.tried(what, self._git.files(self._sha, paths))
        else:
            asked = partial(self._github.files, self._sha, paths)
            looked = self._hub.tried(what, asked)
        return await looked or frozenset()

    async def _blame(self, path: str, test_id: str) -> Sequence[BlameLine]:
        """Who wrote a test, as far as a checkout says."""
        if self._git is None or self._blamed == BLAMED:
            return ()
        self._blamed += 1
        names = parsed_test(test_id).names
        asked = self._git.blame_test(self._sha, path, names)
        return await self._gaps.tried(f"who wrote {path}", asked) or ()


def _wants_owner(cause: Cause) -> bool:
    return cause.verdict.category != "INFRA_SUSPECTED" and not cause.passed_on_retry


def _likeliest(paths: Sequence[str], there: frozenset[str]) -> str:
    """The first path that exists; where nobody knows, the likeliest."""
    return next((path for path in paths if path in there), paths[0])


def _sure(found: Owner | None) -> bool:
    return found is not None and found.confidence > SURE


def _owner(
    cause: Cause,
    paths: Sequence[str],
    rules: Codeowners | None,
    commit: CommitInfo | None,
    lines: Sequence[BlameLine] = (),
) -> Owner | None:
    new = cause.verdict.category == "NEW_REGRESSION"
    return owner(paths, codeowners=rules, blame=lines, commit=commit if new else None)
