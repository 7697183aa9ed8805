"""The asynchronous client of PyTorch HUD."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from sickbay.clients.cache import MEMORY_BYTES, Disk, Memory
from sickbay.clients.http import Http
from sickbay.clients.hud.access import Access, host_of
from sickbay.clients.hud.failures import Failures
from sickbay.clients.hud.fetch import Fetch
from sickbay.clients.hud.logs import Logs
from sickbay.clients.hud.numbers import Numbers
from sickbay.clients.hud.pages import Pages
from sickbay.clients.hud.places import HUD, LOGS, REPO, STATS, TEMP_LOGS, Places
from sickbay.clients.hud.plain import Plain
from sickbay.clients.hud.reverts import Reverts
from sickbay.clients.hud.stats import Stats
from sickbay.clients.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENCE = Patience(read_s=90, answer_s=90)
"""HUD lets a query run for three minutes; hardly any takes one."""

MAX_LOG_BYTES = 1 << 30


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class AsyncHudClient(Pages, Failures, Numbers, Reverts, Stats, Logs, Plain):
    """Reads PyTorch HUD, its log store and its statistics.

    A token goes to the host of ``base_url`` and to no other. Requests for the same
    thing at the same time are one; answers are kept for a while.

    Args:
        base_url: Of the HUD.
        bot_token: Of a bot that this HUD knows.
        github_token: Of a person with write access to pytorch/pytorch; used without
            a bot's token.
        log_url: Holds ``/log/...``.
        temp_log_url: Holds ``/temp_logs/...``.
        stats_url: Holds ``/stats/...``.
        repo: The repository meant where none is named.
        cache: Folder of the user's own for answers; without one they are kept in
            memory only.
        cache_bytes: Of answers kept in memory.
        max_log_bytes: Of a log, unpacked.
        patience: How long it waits.
        now: The time, with its zone.

    Raises:
        BadRequest: One of the addresses is none.
        Denied: A token would go over the internet unencrypted.
    """

    def __init__(  # noqa: PLR0913 - all have a default
        self,
        base_url: str = HUD,
        *,
        bot_token: str | None = None,
        github_token: str | None = None,
        log_url: str = LOGS,
        temp_log_url: str = TEMP_LOGS,
        stats_url: str = STATS,
        repo: str = REPO,
        cache: Path | None = None,
        cache_bytes: int = MEMORY_BYTES,
        max_log_bytes: int = MAX_LOG_BYTES,
        patience: Patience = PATIENCE,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.repo = repo
        self._access = Access(bot_token=bot_token, github_token=github_token)
        self._places = Places(
            hud=base_url, logs=log_url, temp_logs=temp_log_url, stats=stats_url
        )
        others = (log_url, temp_log_url, stats_url)
        secret = bool(self._access.headers)
        hosts = [host_of(base_url, secret=secret), *map(host_of, others)]
        self._http = Http(hosts, patience=patience, setting="SICKBAY_HUD__URL")
        self._now = now
        self._max_log_bytes = max_log_bytes
        self._fetch = Fetch(
            self._http,
            access=self._access,
            memory=Memory(cache_bytes, now),
            disk=Disk(cache, now=now) if cache else None,
            now=now,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()
