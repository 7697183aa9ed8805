"""Where the tools of ``history`` get everything from: the store, CIs, commits."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sickbay.ci.history.models import Line
from sickbay.ci.services import BuildSource
from sickbay.core.errors import BadRequest, NotFound
from sickbay.toolsets.history.settings import GITHUB_URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from sickbay.clients.git import Git
    from sickbay.clients.github import AsyncGitHubClient
    from sickbay.core.services import Folders, Services
    from sickbay.history.face import History, Keep
    from sickbay.history.reading import Reading
    from sickbay.toolsets.history.settings import Settings

FOLDER = "history"
"""Of the store, in the state folder."""


class HistorySource:
    """A history, the CIs that it is filled from, and the commits that were built.

    Args:
        history: What is kept.
        reading: Asks it.
        git: A checkout of the repository, if there is one.
        github: Asks GitHub about its commits, if somebody said which it is.
        settings: The operator's.
        services: The server's.
    """

    def __init__(  # noqa: PLR0913 - each is a different way out
        self,
        history: History,
        reading: Reading,
        *,
        git: Git | None,
        github: AsyncGitHubClient | None,
        settings: Settings,
        services: Services,
    ) -> None:
        self.history = history
        self.reading = reading
        self.git = git
        self.github = github
        self.settings = settings
        self._services = services

    @property
    def folders(self) -> Folders:
        """Where things are kept."""
        return self._services.folders

    @property
    def keep(self) -> Keep:
        """What of the history stays when it is tidied."""
        return keep_of(self.settings)

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._services.now()

    async def origins(self) -> tuple[BuildSource, ...]:
        """Every CI whose builds can be had."""
        return await self._services.find(BuildSource)  # type: ignore[type-abstract] # a protocol is what is looked for

    async def usual(self) -> str | None:
        """The pipeline that is meant where none is named and nothing is kept."""
        usual = [_usual(one) for one in await self.origins()]
        return usual[0] if len(usual) == 1 else None

    async def origin(self, pipeline: str) -> BuildSource | None:
        """The CI that a pipeline belongs to; None where nobody gives its builds.

        Args:
            pipeline: As records name it.
        """
        found = await self.origins()
        if named := [one for one in found if _usual(one) == pipeline]:
            return named[0]
        kept = await self.reading.builds(Line(pipeline=pipeline, most=1))
        source = kept[-1].source if kept else None
        return next((one for one in found if one.origin == source), None)


def keep_of(settings: Settings) -> Keep:
    """What of a history stays, by the settings."""
    from sickbay.history.face import Keep  # noqa: PLC0415 - see opened

    days = settings.keep_days
    size = settings.keep_bytes
    return Keep(
        age=timedelta(days=days) if days else None, bytes=int(size) if size else None
    )


@asynccontextmanager
async def opened(
    settings: Settings, services: Services
) -> AsyncIterator[HistorySource]:
    """Open the source of the toolset."""
    # What it brings along would make every start of the server slower.
    from sickbay.clients.git import Git  # noqa: PLC0415 - see above
    from sickbay.clients.github import AsyncGitHubClient  # noqa: PLC0415 - same
    from sickbay.history.opening import opened_history  # noqa: PLC0415 - same
    from sickbay.history.reading import Reading  # noqa: PLC0415 - same

    async with AsyncExitStack() as stack:
        password = settings.clickhouse_password
        history = await stack.enter_async_context(
            opened_history(
                settings.path or services.folders.state / FOLDER,
                url=settings.clickhouse_url,
                user=settings.clickhouse_user,
                password=password.get_secret_value() if password else None,
                database=settings.clickhouse_database,
                keep=keep_of(settings),
                now=services.now,
            )
        )
        github = None
        if settings.repo:
            token = settings.github_token
            github = await stack.enter_async_context(
                AsyncGitHubClient(
                    settings.github_url or GITHUB_URL,
                    token=token.get_secret_value() if token else None,
                    repo=settings.repo,
                    log_in=settings.log_in,
                    cache=services.folders.cache / "github",
                    now=services.now,
                )
            )
        git = Git(settings.repo_path) if settings.repo_path else None
        yield HistorySource(history, Reading(history), git, github, settings, services)


def _usual(source: BuildSource) -> str | None:
    """The usual pipeline of a CI, if it has one."""
    try:
        return source.pipeline(None)
    except (BadRequest, NotFound):
        return None
