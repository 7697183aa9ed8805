"""The asynchronous client of GitHub, for one repository."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from sickbay.clients.github.api import PATIENCE, Api
from sickbay.clients.github.commits import Commits
from sickbay.clients.github.issues import Issues
from sickbay.clients.github.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sickbay.clients.github.limits import Window
    from sickbay.clients.patience import Patience

GITHUB = "https://api.github.com"


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class AsyncGitHubClient(Issues, Commits):
    """Reads issues, commits and CODEOWNERS of a repository; opens issues if it may.

    A token goes to the host of ``url`` and to no other. Requests for the same thing at
    the same time are one; answers are kept for a minute, those about a commit longer.

    Args:
        url: Base address of the API; of an own server it ends with ``/api/v3``.
        token: Of a person or an app; public repositories are read without.
        repo: Owner and name.
        log_in: Use the token of a user who is logged in with gh.
        cache: Folder of the user's own for answers.
        now: The time, with its zone.
        writes: Whether it may open issues.
        patience: How long it waits.

    Raises:
        BadRequest: The address is none, or the repository.
        Denied: A token would go over the internet unencrypted.
    """

    def __init__(  # noqa: PLR0913 - all have a default but the repository
        self,
        url: str = GITHUB,
        *,
        token: str | None = None,
        repo: str,
        log_in: bool = True,
        cache: Path | None = None,
        now: Callable[[], datetime] = utc_now,
        writes: bool = False,
        patience: Patience = PATIENCE,
    ) -> None:
        self.repo = repo
        self._now = now
        self._api = Api(
            url,
            token=token,
            repo=repo,
            log_in=log_in,
            now=now,
            writes=writes,
            patience=patience,
        )
        self._kept = Shelf(cache, place=f"{url} {repo}", now=now)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._api.aclose()

    @property
    def requests(self) -> int:
        """How many were made."""
        return self._api.limits.requests

    @property
    def limits(self) -> dict[str, Window]:
        """What GitHub still allows, by resource: ``core``, ``search``."""
        return self._api.limits.windows
