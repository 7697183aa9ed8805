"""Commits of a repository: who made them, which files and owners they have."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sickbay.clients.github import convert, wire
from sickbay.clients.github.shelf import FIXED, SOON
from sickbay.core.errors import BadRequest, NotFound
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.authors import CommitInfo, PullRequest
    from sickbay.clients.github.api import Api
    from sickbay.clients.github.shelf import Shelf

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for it; the first that is there holds."""

_SHA = Pattern(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REF = Pattern(r"[A-Za-z0-9_][\w./-]{0,200}")
_MOST = 100
_MAX_LOOKS = 10


class Commits:
    """Reads commits and pull requests."""

    _api: Api
    _kept: Shelf

    async def codeowners(self, ref: str) -> str | None:
        """CODEOWNERS as GitHub would find it in a commit; None where there is none.

        Raises:
            SickbayError: It is not to be had.
        """

        async def work() -> wire.Text:
            for path in CODEOWNERS:
                try:
                    return wire.Text(await self._api.text(_ref(ref), path))
                except NotFound:
                    continue
            await self._api.get(wire.Commit, self._commit_url(ref), f"commit {ref}")
            return wire.Text()

        key = f"codeowners {ref}"
        return (await self._kept(key, wire.Text, work, holds_s=_holds_s(ref))).text

    async def files(self, ref: str, paths: Iterable[str]) -> frozenset[str]:
        """Which of these paths a commit holds.

        Raises:
            SickbayError: The commit is not to be had.
        """
        wanted = frozenset(paths)
        if not wanted:
            return wanted

        async def work() -> wire.Tree:
            url = self._api.place("git/trees", _ref(ref), recursive="1")
            found, _ = await self._api.get(wire.Tree, url, f"the files of {ref}")
            return found

        key = f"files {ref}"
        tree = await self._kept(key, wire.Tree, work, holds_s=_holds_s(ref))
        there = wanted & {entry.path for entry in tree.tree}
        if not tree.truncated:
            return there
        rest = sorted(wanted - there)[:_MAX_LOOKS]
        seen = await asyncio.gather(*(self._api.exists(_ref(ref), p) for p in rest))
        return there.union(p for p, yes in zip(rest, seen, strict=True) if yes)

    async def commit(self, sha: str) -> CommitInfo:
        """A commit, and the files that it changed.

        Raises:
            SickbayError: It is not to be had.
        """

        async def work() -> wire.Commit:
            what = f"commit {sha}"
            return (await self._api.get(wire.Commit, self._commit_url(sha), what))[0]

        key = f"commit {sha}"
        found = await self._kept(key, wire.Commit, work, holds_s=_holds_s(sha))
        return convert.commit(found)

    async def commits(
        self, *, path: str | None = None, sha: str | None = None, limit: int = 10
    ) -> tuple[CommitInfo, ...]:
        """The newest commits that changed a path, without their files.

        Args:
            path: A file or folder; without one all count.
            sha: Where to begin: a commit or branch.
            limit: How many, 100 at most.

        Raises:
            SickbayError: They are not to be had.
        """
        count = max(1, min(limit, _MOST))
        asked = {"path": path, "sha": sha and _ref(sha), "per_page": str(count)}
        url = self._api.place("commits", **asked)

        async def work() -> list[wire.Commit]:
            found, _ = await self._api.get(list[wire.Commit], url, "the commits")
            return found

        found = await self._kept(url, list[wire.Commit], work)
        return tuple(map(convert.commit, found[:count]))

    async def pull(self, number: int) -> PullRequest:
        """A pull request.

        Raises:
            SickbayError: It is not to be had.
        """
        url, what = self._api.place("pulls", number), f"pull request {number}"

        async def work() -> wire.Pull:
            return (await self._api.get(wire.Pull, url, what))[0]

        return convert.pull(await self._kept(url, wire.Pull, work))

    def _commit_url(self, ref: str) -> str:
        return self._api.place("commits", _ref(ref))


def _ref(ref: str) -> str:
    if not _REF.fullmatch(ref) or ".." in ref:
        raise BadRequest(f"{ref[:80]!r} is no commit or branch")
    return ref


def _holds_s(ref: str) -> float:
    return FIXED if _SHA.fullmatch(ref) else SOON
