"""Where the tools of ``hud`` get everything from: the HUD, and the logs of its jobs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sickbay.ci.handles import SCHEME, parsed
from sickbay.clients.rulebook import Rulebook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sickbay.ci.records import Source
    from sickbay.ci.services import BuildsWanted, FoundBuild
    from sickbay.clients.hud import AsyncHudClient
    from sickbay.core.services import Services
    from sickbay.toolsets.hud.settings import Settings


class Hud:
    """The HUD, and what is meant when a caller names no repository or branch.

    Args:
        client: Asks the HUD.
        settings: The operator's.
        services: The server's.

    Attributes:
        reports: On logs that were read before: the next page needs them again.
    """

    schemes = (SCHEME,)

    def __init__(
        self, client: AsyncHudClient, settings: Settings, services: Services
    ) -> None:
        from sickbay.clients.logstore import store_of  # noqa: PLC0415 - see opened
        from sickbay.clients.reports import Reports  # noqa: PLC0415 - see opened

        self.client = client
        self.settings = settings
        self.rulebook = Rulebook(services.folders.cache)
        self.logs = store_of(
            self, services.folders, max_bytes=int(settings.max_log_bytes)
        )
        self._services = services
        self.reports = Reports(services.folders.cache / "reports")
        self._growing: set[str] = set()

    @property
    def origin(self) -> Source:
        """What its builds have as their source; see ``ci.services.BuildSource``."""
        return "hud"

    def pipeline(self, named: str | None) -> str:
        """The pipeline as records name it; None is the usual one.

        Raises:
            BadRequest: It is no name of one.
        """
        from sickbay.toolsets.hud.source.builds import pipeline_of  # noqa: PLC0415 - see opened

        return pipeline_of(self, named)

    def builds_of(self, wanted: BuildsWanted) -> AsyncIterator[FoundBuild]:
        """Builds that are over, the newest first.

        Raises:
            SickbayError: They are not to be had.
        """
        from sickbay.toolsets.hud.source.builds import builds_of  # noqa: PLC0415 - see opened

        return builds_of(self, wanted)

    @property
    def repo(self) -> str:
        """The repository that is meant when none is named."""
        return self.settings.repo

    @property
    def branch(self) -> str:
        """The trunk of that repository."""
        return self.settings.branch

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._services.now()

    def open(self, handle: str) -> AsyncIterator[bytes]:
        """The log of one job; see ``sickbay.core.services.LogSource``."""
        repo, job_id = parsed(handle)

        def found(running: bool) -> None:  # noqa: FBT001 - what the client tells
            (self._growing.add if running else self._growing.discard)(handle)

        return self.client.log(job_id, repo=repo or self.repo, found=found)

    def growing(self, handle: str) -> bool:
        """Whether the job still ran; see ``sickbay.core.services.GrowingLogs``."""
        return handle in self._growing


@asynccontextmanager
async def opened(settings: Settings, services: Services) -> AsyncIterator[Hud]:
    """Open the source of the toolset."""
    # What it brings along would make every start of the server slower.
    from sickbay.clients.hud import AsyncHudClient  # noqa: PLC0415 - see above

    def secret(name: str) -> str | None:
        value = getattr(settings, name)
        return value.get_secret_value() if value else None

    async with AsyncHudClient(
        settings.base_url,
        bot_token=secret("bot_token"),
        github_token=secret("github_token"),
        log_url=settings.log_url,
        temp_log_url=settings.temp_log_url,
        stats_url=settings.stats_url,
        repo=settings.repo,
        cache=services.folders.cache / "hud",
        now=services.now,
        max_log_bytes=int(settings.max_log_bytes),
    ) as client:
        yield Hud(client, settings, services)
