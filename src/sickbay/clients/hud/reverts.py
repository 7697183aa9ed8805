"""The bot that reverts commits: what it did, saw, and was right about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.clients.hud.models import (
    Autorevert,
    AutorevertFalsePositives,
    AutorevertMetrics,
    AutorevertState,
)
from sickbay.clients.hud.places import owner_and_name
from sickbay.clients.hud.reads import Reads, decoder
from sickbay.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

_REVERT = decoder(Autorevert)
_STATE = decoder(AutorevertState)
_METRICS = decoder(AutorevertMetrics)
_FALSE = decoder(AutorevertFalsePositives)


class Reverts(Reads):
    """Reads about reverts."""

    async def autorevert(
        self, sha: str, *, repo: str | None = None
    ) -> Autorevert | None:
        """Why the bot reverted a commit; None where it did not.

        Raises:
            SickbayError: It is not to be had.
        """
        parts = owner_and_name(repo or self.repo)
        try:
            return await self._got(self._places.api("autorevert", *parts, sha), _REVERT)
        except NotFound:
            return None

    async def autorevert_state(
        self,
        *,
        at: datetime | None = None,
        workflows: Sequence[str] = (),
        repo: str | None = None,
    ) -> AutorevertState:
        """What the bot saw at a moment, now by default.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self._places.api(
            "autorevert",
            "state",
            ts=at,
            workflows=list(workflows) or None,
            repo=repo or self.repo,
        )
        return await self._got(url, _STATE)

    async def autorevert_metrics(
        self,
        *,
        start: datetime,
        end: datetime,
        workflows: Sequence[str] = (),
        min_red: int = 2,
        min_green: int = 2,
    ) -> AutorevertMetrics:
        """How right the bot was.

        Args:
            start: From when.
            end: Until when.
            workflows: Only these.
            min_red: Red commits in a row that a revert has to end.
            min_green: Green ones that have to follow.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self._places.api(
            "autorevert",
            "metrics",
            startTime=start,
            stopTime=end,
            workflowNames=list(workflows),
            minRedCommits=min_red,
            minGreenCommits=min_green,
        )
        return await self._got(url, _METRICS)

    async def autorevert_false_positives(
        self, *, start: datetime, end: datetime
    ) -> AutorevertFalsePositives:
        """Reverts of commits that were not at fault.

        Raises:
            SickbayError: They are not to be had.
        """
        url = self._places.api(
            "autorevert", "false-positives", startTime=start, stopTime=end
        )
        return await self._got(url, _FALSE)
