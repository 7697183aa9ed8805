"""Where the tools of ``history`` get everything from: the store, CIs, commits."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cachetools import TTLCache

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
    from sickbay.toolsets.history.settings import Settings

RECENT, RECENT_S = 20, 60.0

FOLDER = "history"
"""Of the store, in the state folder."""


class HistorySource:
    """A history, the CIs that it is filled from, and the commits that were built.

    Args:
        history: What is kept.
        git: A checkout of the repository, if there is one.
        settings: The operator's.
        services: The server's.
        closing: Closes what is opened on the way.

    Attributes:
        reading: Asks the history.
        recent: Answers whose pages are being read.
    """

    def __init__(
        self,
        history: History,
        *,
        git: Git | None,
        settings: Settings,
        services: Services,
        closing: AsyncExitStack,
    ) -> None:
        from sickbay.history.reading import Reading  # noqa: PLC0415 - see opened

        self.history = history
        self.reading = Reading(history)
        self.git = git
        self.settings = settings
        self.recent: TTLCache[object, Any] = TTLCache(RECENT, RECENT_S)
        self._services = services
        self._closing = closing
        self._github: dict[str, AsyncGitHubClient] = {}

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

    def github(self, repo: str) -> AsyncGitHubClient:
        """Asks GitHub about a repository.

        Raises:
            BadRequest: It is the name of none.
        """
        from sickbay.clients.github import AsyncGitHubClient  # noqa: PLC0415 - see opened

        if repo not in self._github:
            token = self.settings.github_token
            client = AsyncGitHubClient(
                self.settings.github_url or GITHUB_URL,
                token=token.get_secret_value() if token else None,
                repo=repo,
                log_in=self.settings.log_in,
                cache=self.folders.cache / "github",
                now=self.now,
            )
            self._closing.push_async_callback(client.aclose)
            self._github[repo] = client
        return self._github[repo]

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
        if kept:
            source = kept[-1].source
            return next((one for one in found if one.origin == source), None)
        owner = _owner(pipeline)
        return next((one for one in found if _owner(_usual(one)) == owner), None)


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
    from sickbay.history.opening import opened_history  # noqa: PLC0415 - same

    password = settings.clickhouse_password
    async with AsyncExitStack() as stack:
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
        yield HistorySource(
            history,
            git=Git(settings.repo_path) if settings.repo_path else None,
            settings=settings,
            services=services,
            closing=stack,
        )


def _usual(source: BuildSource) -> str | None:
    """The usual pipeline of a CI, if it has one."""
    try:
        return source.pipeline(None)
    except (BadRequest, NotFound):
        return None


def _owner(pipeline: str | None) -> str | None:
    """The organization of a pipeline."""
    return pipeline.partition("/")[0] if pipeline else None
