"""Issues of a repository: those with a label, those that a search finds, new ones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sickbay.clients.github import convert, wire
from sickbay.clients.github.terms import terms
from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sickbay.ci.scan.models import Issue
    from sickbay.clients.github.api import Api
    from sickbay.clients.github.shelf import Shelf

MAX_PAGES = 5
MAX_TITLE = 256
MAX_TEXT = 65_536
"""Characters of an issue that GitHub takes."""

_PER_PAGE = "100"


class Issues:
    """Reads issues, and opens one."""

    repo: str
    _api: Api
    _kept: Shelf
    _now: Callable[[], datetime]

    async def issues(
        self, *, label: str, closed_within_days: int = 30, refresh: bool = False
    ) -> tuple[Issue, ...]:
        """Issues with a label: those that are open, and those closed lately.

        Of each the 500 that were changed last.

        Args:
            label: That they have.
            closed_within_days: How long ago they may have been closed.
            refresh: Ask, though the answer is in the cache.

        Raises:
            SickbayError: They are not to be had.
        """
        days = timedelta(days=closed_within_days)
        since = (self._now() - days).astimezone(UTC)
        day = since.replace(hour=0, minute=0, second=0, microsecond=0)
        lists = await asyncio.gather(
            self._listed(label, "open", refresh=refresh),
            self._listed(
                label,
                "closed",
                since=f"{day:%Y-%m-%dT%H:%M:%SZ}",
                refresh=refresh,
            ),
        )
        # One that changes meanwhile may come on two pages, or open and closed.
        once = {one.number: one for some in lists for one in some}
        found = [convert.issue(one, label=label) for one in once.values()]
        return tuple(
            one for one in found if one.closed_at is None or one.closed_at >= since
        )

    async def search(self, names: Sequence[str], label: str = "") -> tuple[Issue, ...]:
        """Issues that name any of these tests: one request, however many there are.

        GitHub takes six names at most; the first that fit are looked for.

        Args:
            names: Ids of tests, the most important first, or other words.
            label: Of issues that track failures of CI.

        Raises:
            SickbayError: They are not to be had.
        """
        query = terms(self.repo, names)
        if query is None:
            return ()

        async def work() -> list[wire.Issue]:
            asked = {"q": query, "advanced_search": "true", "per_page": "50"}
            found, _ = await self._api.get(
                wire.Found, self._api.root("search/issues", **asked), "the search"
            )
            return [one for one in found.items if one.pull_request is None]

        found = await self._kept(f"search {query}", list[wire.Issue], work)
        return tuple(convert.issue(one, label=label) for one in found)

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = ()
    ) -> Issue:
        """Open an issue.

        Raises:
            BadRequest: GitHub takes no such text.
            SickbayError: It was refused, or nobody knows whether it is open.
        """
        if not title.strip() or len(title) > MAX_TITLE:
            raise BadRequest(f"a title has 1 to {MAX_TITLE} characters")
        if len(body) > MAX_TEXT:
            raise BadRequest(f"a text has at most {MAX_TEXT:,} characters")
        wanted = {"title": title, "body": body, "labels": list(labels)}
        try:
            found = await self._api.post(wire.Issue, "issues", wanted, "a new issue")
        finally:
            self._kept.outdate()
        return convert.issue(found, label=labels[0] if labels else "")

    async def _listed(
        self, label: str, state: str, *, refresh: bool, **more: str
    ) -> list[wire.Issue]:
        asked = {"sort": "updated", "direction": "desc", "per_page": _PER_PAGE}
        url = self._api.place("issues", labels=label, state=state, **asked, **more)

        async def work() -> list[wire.Issue]:
            issues: list[wire.Issue] = []
            following: str | None = url
            for _ in range(MAX_PAGES):
                if following is None:
                    break
                some, following = await self._api.get(
                    list[wire.Issue], following, f"issues labelled {label}"
                )
                issues.extend(one for one in some if one.pull_request is None)
            return issues

        return await self._kept(url, list[wire.Issue], work, refresh=refresh)
