"""Where the tools of ``logs`` get logs from, and the rules they look for."""

from __future__ import annotations

import asyncio
import os
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from sickbay.clients.rulebook import Rulebook
from sickbay.core.errors import BadRequest, SickbayError
from sickbay.core.results import Coverage, Skipped
from sickbay.core.services import LogSource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from sickbay.clients.logcache import LogCache
    from sickbay.clients.logstore import LogStore, StoredLog
    from sickbay.clients.roots import Roots
    from sickbay.core.services import Services
    from sickbay.core.tool import Call
    from sickbay.logs.log import Log
    from sickbay.logs.stream import Stream
    from sickbay.toolsets.logs.settings import Settings

Work = TypeVar("Work")

MAX_LOGS = 2000
"""Logs that one call looks at."""

HOSTS = "SICKBAY_LOGS__HOSTS"
ROOTS = "SICKBAY_LOGS__ROOTS"


class Logs:
    """Logs by any name that a caller may give them.

    Args:
        roots: Folders that a caller may name files of.
        cache: Where fetched logs are kept.
        store: Makes the store, once what it needs is there.
        services: The server's.
    """

    def __init__(
        self,
        roots: Roots,
        cache: LogCache,
        store: Callable[[Sequence[LogSource]], LogStore],
        services: Services,
    ) -> None:
        self.roots = roots
        self.cache = cache
        self._make_store = store
        self._services = services
        self.rulebook = Rulebook(services.folders.cache)
        self._store: LogStore | None = None
        self._first = asyncio.Lock()

    async def store(self) -> LogStore:
        """The log store; the toolsets that fetch logs are asked for at first need."""
        async with self._first:
            if self._store is None:
                self._store = self._make_store(await self._sources())
        return self._store

    async def _sources(self) -> tuple[LogSource, ...]:
        return await self._services.find(LogSource)  # type: ignore[type-abstract] # any that fulfils it

    async def log(self, name: str, *, refresh: bool = False) -> StoredLog:
        """Find one log, fetching it where needed.

        Raises:
            SickbayError: It is not to be had.
        """
        store = await self.store()
        return await store.resolve(name, refresh=refresh)

    async def is_folder(self, name: str) -> bool:
        """Whether this names a folder."""
        return await (await self.store()).is_folder(name)

    async def each(
        self,
        call: Call,
        names: Sequence[str],
        work: Callable[[str, StoredLog], Work],
    ) -> tuple[list[Work], Coverage]:
        """Work on many logs in a worker thread; what cannot be read is named.

        Args:
            call: Is told how far it is.
            names: Logs, or folders of them.
            work: Gets the name and the log.

        Raises:
            SickbayError: None of them can be read.
        """
        logs = await self._expanded(names)
        done: list[Work] = []
        looked_at, left = logs[:MAX_LOGS], logs[MAX_LOGS:]
        skipped = [Skipped(name, f"more than {MAX_LOGS} logs") for name in left]
        failure: SickbayError | None = None
        async with aclosing((await self.store()).each(looked_at)) as found:
            async for name, log in found:
                try:
                    if isinstance(log, SickbayError):
                        raise log
                    done.append(await call.thread(work, name, log))
                except SickbayError as exc:
                    failure = failure or exc
                    skipped.append(Skipped(name, str(exc)))
                call.progress(len(done) + len(skipped), len(logs))
        if failure and not done:
            raise failure
        return done, Coverage(len(done), len(logs), tuple(skipped))

    async def _expanded(self, names: Sequence[str]) -> list[str]:
        store = await self.store()
        if not names:
            raise BadRequest("no log is named", hint="name a log, several or a folder")
        found: list[str] = []
        for name in dict.fromkeys(names):
            # Names past the most that are looked at are not looked up, either.
            if len(found) <= MAX_LOGS and await store.is_folder(name):
                found += map(self._short, await store.folder(name))
            else:
                found.append(name)
        return list(dict.fromkeys(found))

    def _short(self, path: str) -> str:
        """A path as it is called from the working directory, where it lies below it."""
        return path.removeprefix(f"{self.roots.folders[0]}{os.sep}")


def parts(log: StoredLog, call: Call) -> Iterator[bytes | memoryview]:
    """The bytes of a log, for as long as the caller waits for them."""
    for part in log.chunks():
        call.check()
        yield part


def stream(log: StoredLog, call: Call) -> Stream:
    """The cleaned lines of a log, for as long as the caller waits for them."""
    from sickbay.logs.stream import Stream  # noqa: PLC0415 - see opened

    return Stream(log.chunks(), source=log.source, check=call.check)


def outline(log: StoredLog, call: Call) -> Log:
    """What is known of a log, its lines aside: length, sections, what wrote it."""
    from sickbay.logs.stream import read_through  # noqa: PLC0415 - see opened

    return read_through(stream(log, call))


@asynccontextmanager
async def opened(settings: Settings, services: Services) -> AsyncIterator[Logs]:
    """Open the source of the toolset."""
    # What these bring along would make every start of the server slower.
    from sickbay.clients.http import Http  # noqa: PLC0415 - see above
    from sickbay.clients.logcache import LogCache  # noqa: PLC0415 - see above
    from sickbay.clients.logstore import LogStore  # noqa: PLC0415 - see above
    from sickbay.clients.roots import Roots  # noqa: PLC0415 - see above

    folders = services.folders
    cache = LogCache(folders.cache / "logs", max_bytes=folders.cache_bytes)
    # Services are started in /: that is nobody's choice of a folder to read from.
    work = [folders.work] if folders.work != folders.work.parent else []
    roots = Roots([*work, *settings.roots, cache.folder], setting=ROOTS)
    async with Http(settings.hosts, setting=HOSTS) as http:

        def store(sources: Sequence[LogSource]) -> LogStore:
            return LogStore(
                roots,
                cache,
                http=http,
                sources=sources,
                max_bytes=int(settings.max_log_bytes),
            )

        yield Logs(roots, cache, store, services)
