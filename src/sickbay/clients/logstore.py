"""A log by whatever name a caller gives it: a handle, a path or a URL."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING
from weakref import WeakValueDictionary

from anyio import to_thread
from cachetools import TTLCache

from sickbay.clients.files import chunks_of
from sickbay.clients.logcache import LogCache
from sickbay.clients.pipe import piped
from sickbay.clients.roots import Roots
from sickbay.core.errors import BadRequest, NotFound, SickbayError, TooLarge
from sickbay.core.services import GrowingLogs

if TYPE_CHECKING:
    import io
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Callable,
        Iterable,
        Iterator,
    )
    from datetime import datetime
    from pathlib import Path

    from sickbay.clients.http import Http
    from sickbay.clients.logcache import Entry
    from sickbay.core.services import Folders, LogSource

    Chunks = Iterator[bytes | memoryview]

AHEAD = 4
"""Logs that are fetched at once, where many are read."""

YOUNG_S = 60.0
"""How long a log that still grows is good enough."""

MAX_BYTES = 1 << 30
"""Of a log that is fetched, unpacked, by default."""

_URL = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9_-]+):", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLog:
    """A log that can be read now, by any thread and as often as wanted.

    Attributes:
        handle: Names it in every argument that takes a log.
        source: Where it comes from, for people.
        path: The file that holds it, maybe packed.
        bytes: Unpacked; None where only reading it can tell, as with ``lines``.
        fetched_at: None for a file of the user's own.
    """

    handle: str
    source: str
    path: Path
    bytes: int | None = None
    lines: int | None = None
    fetched_at: datetime | None = None
    opened: Callable[[], io.FileIO] = field(repr=False)

    def chunks(self) -> Chunks:
        """Its text, unpacked; a chunk is valid until the next one is asked for.

        Raises:
            SickbayError: It cannot be read, or is gone by now.
        """
        with self.opened() as file:
            yield from chunks_of(file, self.source)


class LogStore:
    """Finds logs, and fetches those that are elsewhere into the cache.

    Args:
        roots: Of files that a caller may name; the cache's folder is another.
        cache: Where fetched logs are kept.
        http: Fetches URLs; without it they are no logs.
        sources: Fetch logs by handles of their own.
        max_bytes: Of a log that is fetched, unpacked.
    """

    def __init__(
        self,
        roots: Roots,
        cache: LogCache,
        *,
        http: Http | None = None,
        sources: Iterable[LogSource] = (),
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._roots = Roots([*roots.folders, cache.folder], setting=roots.setting)
        self._cache = cache
        self._http = http
        self._sources = {scheme: s for s in sources for scheme in s.schemes}
        self._max_bytes = max_bytes
        self._young: TTLCache[str, str] = TTLCache(maxsize=1000, ttl=YOUNG_S)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def resolve(self, log: str, *, refresh: bool = False) -> StoredLog:
        """Find a log, fetching it where needed.

        Args:
            log: ``log:<id>``, a URL, ``<scheme>:<id>`` of a source, or a path.
            refresh: Fetch it again, though it is in the cache.

        Raises:
            SickbayError: It is not to be had.
        """
        if log.startswith("log:"):
            return self._cached(await to_thread.run_sync(self._cache.get, log))
        opened: Callable[[], AsyncIterator[bytes]]
        if self._http and _URL.match(log):
            opened = partial(self._http.stream, log, max_bytes=self._max_bytes)
            return await self._fetched(url_origin(log), opened, refresh=refresh)
        scheme = _SCHEME.match(log)
        if scheme and scheme[1] in self._sources:
            return await self._of_source(self._sources[scheme[1]], log, refresh=refresh)
        if scheme:
            raise BadRequest(f"nothing here has {scheme[1]}: logs", hint=self._takes())
        return await to_thread.run_sync(self._file, log)

    async def each(
        self, logs: Iterable[str]
    ) -> AsyncGenerator[tuple[str, StoredLog | SickbayError]]:
        """Many logs in their order; the next ones are fetched while one is read.

        Yields:
            Each name with its log, or why that is not to be had.
        """
        ahead: deque[tuple[str, asyncio.Task[StoredLog]]] = deque()
        coming = iter(logs)
        try:
            while True:
                for name in islice(coming, AHEAD - len(ahead)):
                    ahead.append((name, asyncio.create_task(self.resolve(name))))
                if not ahead:
                    return
                name, task = ahead.popleft()
                found: StoredLog | SickbayError
                try:
                    found = await task
                except SickbayError as exc:
                    found = exc
                yield name, found
        finally:
            for _, task in ahead:
                task.cancel()
            await asyncio.gather(*(t for _, t in ahead), return_exceptions=True)

    async def folder(self, path: str) -> list[str]:
        """The logs in a folder, each by a name that ``resolve`` takes.

        Raises:
            SickbayError: There are none, or the folder is not allowed.
        """
        found = await to_thread.run_sync(self._roots.logs_in, path)
        return [str(log) for log in found]

    async def is_folder(self, log: str) -> bool:
        """Whether this names a folder that may be looked into."""
        return await to_thread.run_sync(self._roots.is_folder, log)

    def _takes(self) -> str:
        schemes = [f"{scheme}:<id>" for scheme in ("log", *sorted(self._sources))]
        return f"a log is {', '.join(schemes)}, a URL or a path; ./ makes it a path"

    async def _of_source(
        self, source: LogSource, log: str, *, refresh: bool
    ) -> StoredLog:
        """A log of a source; one that still grows is kept for a short while only."""
        young = self._young.get(log)
        if young is not None and not refresh:
            with suppress(NotFound):  # it may have had to go
                return self._cached(await to_thread.run_sync(self._cache.get, young))
        found = await self._fetched(log, partial(source.open, log), refresh=refresh)
        if isinstance(source, GrowingLogs) and source.growing(log):
            await to_thread.run_sync(self._cache.lose, log)
            self._young[log] = found.handle
        return found

    def _file(self, log: str) -> StoredLog:
        path = self._roots.regular(log)
        if path.parent == self._cache.folder:
            return self._cached(self._cache.get(f"log:{path.stem}"))
        opened = partial(self._roots.open, log)
        return StoredLog(handle=log, source=log, path=path, opened=opened)

    def _cached(self, entry: Entry) -> StoredLog:
        return StoredLog(
            handle=entry.handle,
            source=entry.origin,
            path=entry.path,
            bytes=entry.bytes,
            lines=entry.lines,
            fetched_at=entry.fetched_at,
            opened=partial(self._reopened, entry.handle),
        )

    def _reopened(self, handle: str) -> io.FileIO:
        """Open a cached log; it may have been removed since it was found."""
        return self._roots.open(self._cache.get(handle).path)

    async def _fetched(
        self,
        origin: str,
        opened: Callable[[], AsyncIterator[bytes]],
        *,
        refresh: bool,
    ) -> StoredLog:
        """A log from elsewhere; who asks for it meanwhile waits for the same."""
        turn = self._turns.setdefault(origin, asyncio.Lock())
        async with turn:
            entry = None
            if not refresh:
                entry = await to_thread.run_sync(self._cache.find, origin)
            if entry is None:
                entry = await piped(opened(), partial(self._kept, origin))
        return self._cached(entry)

    def _kept(self, origin: str, body: IO[bytes]) -> Entry:
        """Unpack and keep a log."""
        text = self._bounded(chunks_of(body, origin), origin)
        return self._cache.put(text, origin=origin)

    def _bounded(self, text: Chunks, origin: str) -> Chunks:
        size = 0
        for chunk in text:
            size += len(chunk)
            if size > self._max_bytes:
                raise TooLarge(
                    f"{origin} is larger than {self._max_bytes:,} bytes, unpacked",
                    hint="allow larger logs",
                )
            yield chunk


def store_of(source: LogSource, folders: Folders, *, max_bytes: int) -> LogStore:
    """What has the logs of one source, in the cache that all share.

    Args:
        source: Fetches them.
        folders: Say where the cache is.
        max_bytes: Of one log, unpacked.
    """
    cache = LogCache(folders.cache / "logs", max_bytes=folders.cache_bytes)
    roots = Roots([cache.folder])
    return LogStore(roots, cache, sources=[source], max_bytes=max_bytes)


def url_origin(url: str) -> str:
    """A URL as the cache remembers it: what may be a secret in it only as a digest."""
    place, _, query = url.partition("#")[0].partition("?")
    if not query:
        return place
    digest = hashlib.sha256(query.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{place}?{digest[:16]}"
