"""Where the tools of ``buildkite`` get everything from: Buildkite, GitHub and git."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

from sickbay.ci.references import BUILDKITE, BuildRef, parsed_job
from sickbay.clients.rulebook import Rulebook
from sickbay.toolsets.buildkite.settings import GITHUB_URL, WEB_URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sickbay.ci.records import Source
    from sickbay.ci.services import BuildsWanted, FoundBuild
    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from sickbay.clients.git import Git
    from sickbay.clients.github import AsyncGitHubClient
    from sickbay.clients.reports import Reports
    from sickbay.core.services import Folders, Services
    from sickbay.toolsets.buildkite.settings import Settings

RECENT, RECENT_S = 20, 60.0


class Buildkite:
    """Buildkite, and what is meant when a caller names no organization or pipeline.

    Args:
        client: Asks Buildkite, or a folder.
        github: Asks GitHub.
        git: A checkout of the repository, if there is one.
        settings: The operator's.
        services: The server's.

    Attributes:
        reports: On logs that were read before.
        recent: Scans of finished builds, for the minute in which they surely hold.
    """

    schemes = (BUILDKITE,)

    def __init__(
        self,
        client: AsyncBuildkiteClient,
        github: AsyncGitHubClient,
        git: Git | None,
        settings: Settings,
        services: Services,
    ) -> None:
        from sickbay.clients.logstore import store_of  # noqa: PLC0415 - see opened
        from sickbay.clients.reports import Reports  # noqa: PLC0415 - see opened

        self.client = client
        self.github = github
        self.git = git
        self.settings = settings
        self.rulebook = Rulebook(services.folders.cache)
        self.reports: Reports = Reports(services.folders.cache / "reports")
        self.recent: TTLCache[str, Any] = TTLCache(RECENT, RECENT_S)
        self.logs = store_of(
            self, services.folders, max_bytes=int(settings.max_log_bytes)
        )
        self._services = services
        self._growing: set[str] = set()

    @property
    def origin(self) -> Source:
        """What its builds have as their source; see ``ci.services.BuildSource``."""
        return "buildkite"

    def pipeline(self, named: str | None) -> str:
        """The pipeline as records name it; None is the usual one.

        Raises:
            BadRequest: It is no name of one.
        """
        from sickbay.toolsets.buildkite.source.builds import pipeline_of  # noqa: PLC0415 - see opened

        return "/".join(pipeline_of(self, named))

    def builds_of(self, wanted: BuildsWanted) -> AsyncIterator[FoundBuild]:
        """Builds that are over, the newest first.

        Raises:
            SickbayError: They are not to be had.
        """
        from sickbay.toolsets.buildkite.source.builds import builds_of  # noqa: PLC0415 - see opened

        return builds_of(self, wanted)

    @property
    def folders(self) -> Folders:
        """Where things are kept."""
        return self._services.folders

    def usual(self, number: int = 0) -> BuildRef:
        """The build of that number in the pipeline that is meant when none is named."""
        return BuildRef(self.settings.organization, self.settings.pipeline, number)

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._services.now()

    def open(self, handle: str) -> AsyncIterator[bytes]:
        """The log of one job; see ``sickbay.core.services.LogSource``."""

        def found(running: bool) -> None:  # noqa: FBT001 - what the client tells
            (self._growing.add if running else self._growing.discard)(handle)

        return self.client.log(parsed_job(handle), found=found)

    def growing(self, handle: str) -> bool:
        """Whether the job still ran; see ``sickbay.core.services.GrowingLogs``."""
        return handle in self._growing


@asynccontextmanager
async def opened(settings: Settings, services: Services) -> AsyncIterator[Buildkite]:
    """Open the source of the toolset."""
    # What it brings along would make every start of the server slower.
    from sickbay.clients.buildkite import AsyncBuildkiteClient  # noqa: PLC0415 - see above
    from sickbay.clients.git import Git  # noqa: PLC0415 - same
    from sickbay.clients.github import AsyncGitHubClient  # noqa: PLC0415 - same

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            AsyncBuildkiteClient(
                settings.base_url,
                token=_secret(settings, "token"),
                web_url=settings.web_url or WEB_URL,
                folder=settings.folder,
                organization=settings.organization,
                pipeline=settings.pipeline,
                log_in=settings.log_in,
                now=services.now,
                max_log_bytes=int(settings.max_log_bytes),
                writes=services.writes,
            )
        )
        github = await stack.enter_async_context(
            AsyncGitHubClient(
                settings.github_url or GITHUB_URL,
                token=_secret(settings, "github_token"),
                repo=settings.repo,
                log_in=settings.log_in,
                cache=services.folders.cache / "github",
                now=services.now,
                writes=services.writes,
            )
        )
        git = Git(settings.repo_path) if settings.repo_path else None
        yield Buildkite(client, github, git, settings, services)


def _secret(settings: Settings, name: str) -> str | None:
    value = getattr(settings, name)
    return value.get_secret_value() if value else None
