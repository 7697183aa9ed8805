from __future__ import annotations

import asyncio
import gzip
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import pytest

from sickbay.clients.http import Http
from sickbay.clients.logcache import LogCache
from sickbay.clients.logstore import LogStore, StoredLog, url_origin
from sickbay.clients.patience import Patience
from sickbay.clients.roots import Roots
from sickbay.core.errors import (
    BadRequest,
    Denied,
    NotFound,
    SickbayError,
    TooLarge,
    Unavailable,
    Unsupported,
)
from sickbay.core.services import LogSource
from tests.clients.site import Handler, Site, served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path
    from typing import Any

T = TypeVar("T")
LOG = b"a line\nan error: here\n"
HERE = "127.0.0.1"


@dataclass
class Shelf:
    """A source of logs by number."""

    logs: dict[str, list[bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    schemes: tuple[str, ...] = ("shelf",)
    unfinished: set[str] = field(default_factory=set)

    def growing(self, handle: str) -> bool:
        return handle in self.unfinished

    async def open(self, handle: str) -> AsyncIterator[bytes]:
        self.asked.append(handle)
        if handle not in self.logs:
            raise NotFound(f"no such log: {handle}")
        for part in self.logs[handle]:
            await asyncio.sleep(0)
            yield part


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as here:
        yield here


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def ask(tmp_path: Path, site: Site, shelf: Shelf) -> Ask:
    return Ask(tmp_path, site, shelf)


class Ask:
    """A store with everything a store can have, each question in a loop of its own."""

    def __init__(self, folder: Path, site: Site, shelf: Shelf) -> None:
        self.work = folder / "work"
        self.work.mkdir()
        self.cache = LogCache(folder / "cache")
        self.site, self.shelf = site, shelf

    def __call__(
        self, *logs: str, refresh: bool = False, max_bytes: int = 10_000_000
    ) -> list[StoredLog]:
        async def each(store: LogStore) -> list[StoredLog]:
            return [await store.resolve(log, refresh=refresh) for log in logs]

        return self.run(each, max_bytes=max_bytes)

    def run(
        self,
        question: Callable[[LogStore], Coroutine[Any, Any, T]],
        *,
        max_bytes: int = 10_000_000,
    ) -> T:
        async def run() -> T:
            patience = Patience(pause_s=0.001, read_s=5)
            async with Http([f"{HERE}:{self.site.port}"], patience=patience) as http:
                return await question(
                    LogStore(
                        Roots([self.work]),
                        self.cache,
                        http=http,
                        sources=[self.shelf],
                        max_bytes=max_bytes,
                    )
                )

        return asyncio.run(run())

    def url(self, path: str = "/log") -> str:
        return f"http://{HERE}:{self.site.port}{path}"


def read(log: StoredLog) -> bytes:
    return b"".join(bytes(chunk) for chunk in log.chunks())


def test_a_path_is_read_where_it_is(ask: Ask) -> None:
    (ask.work / "job.log.gz").write_bytes(gzip.compress(LOG))
    for name in ("job.log.gz", str(ask.work / "job.log.gz"), "./job.log.gz"):
        [log] = ask(name)
        assert (log.handle, log.source) == (name, name)
        assert log.path == ask.work / "job.log.gz"
        assert (log.bytes, log.lines, log.fetched_at) == (None, None, None)
        assert read(log) == read(log) == LOG
    assert ask.cache.entries() == []


@pytest.mark.parametrize(
    "body",
    [LOG, gzip.compress(LOG), LOG.decode().encode("utf-16")],
    ids=["plain", "gzip", "utf-16"],
)
def test_a_url_is_fetched_once_unpacked_and_known_by_its_handle_and_path(
    ask: Ask, body: bytes
) -> None:
    ask.site.says("/log", body)
    first, again = ask(ask.url(), ask.url())
    assert first.handle == again.handle
    assert first.source == ask.url()
    assert (first.bytes, first.lines) == (len(LOG), 2)
    assert first.fetched_at
    assert ask.site.paths == ["/log"]
    by_handle, by_path = ask(first.handle, str(first.path))
    assert by_handle.handle == by_path.handle == first.handle
    assert read(first) == read(by_handle) == read(by_path) == LOG


def test_a_url_is_fetched_again_where_asked(ask: Ask) -> None:
    ask.site.says("/log", LOG)
    [old] = ask(ask.url())
    ask.site.says("/log", LOG * 2)
    assert ask(ask.url())[0].handle == old.handle
    [new] = ask(ask.url(), refresh=True)
    assert read(new) == LOG * 2
    assert ask(ask.url())[0].handle == new.handle
    assert read(old) == LOG


def test_many_who_ask_at_once_fetch_once(ask: Ask) -> None:
    ask.site.says("/log", LOG)

    async def many(store: LogStore) -> list[StoredLog]:
        return await asyncio.gather(*(store.resolve(ask.url()) for _ in range(8)))

    assert len({log.handle for log in ask.run(many)}) == 1
    assert ask.site.paths == ["/log"]


def test_urls_that_differ_in_their_query_are_different_logs(ask: Ask) -> None:
    ask.site.answers["/log"] = lambda handler: handler.say(handler.path.encode())
    one, two = ask(ask.url("/log?job=1&signature=s3cret"), ask.url("/log?job=2"))
    assert one.handle != two.handle
    assert "s3cret" not in repr(one)
    stored = [path.read_bytes() for path in ask.cache.folder.iterdir()]
    assert not any(b"signature" in data for data in stored if b"origin" in data[:20])


def test_what_is_behind_a_hash_does_not_matter() -> None:
    assert url_origin("http://a/b#c") == url_origin("http://a/b") == "http://a/b"
    assert url_origin("http://a/b?c#d?e") == url_origin("http://a/b?c")


def test_a_source_is_asked_by_its_scheme_and_only_once(ask: Ask) -> None:
    assert isinstance(ask.shelf, LogSource)
    ask.shelf.logs["shelf:1"] = [b"a li", b"ne\n", b"", b"x" * 600_000]
    first, again = ask("shelf:1", "shelf:1")
    assert read(first) == read(again) == b"a line\n" + b"x" * 600_000
    assert (first.source, ask.shelf.asked) == ("shelf:1", ["shelf:1"])
    assert first.handle.startswith("log:")


def test_an_error_of_a_source_is_the_callers(ask: Ask) -> None:
    with pytest.raises(NotFound, match="no such log: shelf:2"):
        ask("shelf:2")
    assert ask.cache.entries() == []


def test_an_unknown_scheme_is_told_with_those_there_are(ask: Ask) -> None:
    with pytest.raises(BadRequest, match="nothing here has hud: logs") as refused:
        ask("hud:12345")
    assert "log:<id>, shelf:<id>, a URL or a path" in refused.value.hint


def test_a_file_whose_name_looks_like_a_handle_is_named_with_a_dot(ask: Ask) -> None:
    (ask.work / "job:1.log").write_bytes(LOG)
    assert read(ask("./job:1.log")[0]) == LOG


@pytest.mark.parametrize(
    ("log", "kind"),
    [
        pytest.param("/etc/passwd", Denied, id="elsewhere"),
        pytest.param("../cache/x", Denied, id="up"),
        pytest.param("none.log", NotFound, id="no file"),
        pytest.param("-", NotFound, id="no stdin"),
        pytest.param("http://evil.test/log", Denied, id="host"),
        pytest.param("file:///etc/passwd", BadRequest, id="scheme"),
        pytest.param("log:0123456789abcdef", NotFound, id="no handle"),
        pytest.param("log:../x", BadRequest, id="bad handle"),
        pytest.param("{cache}/.lock", SickbayError, id="the cache's own"),
        pytest.param("", BadRequest, id="nothing"),
    ],
)
def test_what_is_not_to_be_had_is_refused(
    ask: Ask, log: str, kind: type[SickbayError]
) -> None:
    ask.cache.put([LOG], origin="x")
    with pytest.raises(kind):
        ask(log.format(cache=ask.cache.folder))


def test_a_fetched_file_that_is_no_log_is_not_kept(ask: Ask) -> None:
    ask.site.says("/log", bytes(range(256)) * 50)
    with pytest.raises(Unsupported, match="is no text"):
        ask(ask.url())
    assert ask.cache.entries() == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "bomb"])
def test_a_log_that_is_too_large_is_not_kept(
    ask: Ask, pack: Callable[[bytes], bytes]
) -> None:
    ask.site.says("/log", pack(b"a line\n" * 10_000))
    with pytest.raises(TooLarge, match="larger than 60,000 bytes"):
        ask(ask.url(), max_bytes=60_000)
    assert ask.cache.entries() == []


def test_a_fetch_that_breaks_leaves_nothing_and_can_be_tried_again(ask: Ask) -> None:
    def cut(handler: Handler) -> None:
        handler.say(LOG, headers={"Content-Length": "1000000"})
        handler.close_connection = True

    ask.site.answers["/log"] = cut
    with pytest.raises(Unavailable):
        ask(ask.url())
    assert {path.name for path in ask.cache.folder.iterdir()} == {".lock"}
    ask.site.says("/log", LOG)
    assert read(ask(ask.url())[0]) == LOG


def test_a_fetch_that_is_cancelled_leaves_nothing_behind(ask: Ask) -> None:
    begun, over = threading.Event(), threading.Event()

    def slowly(handler: Handler) -> None:
        handler.say(LOG * 20_000, headers={"Content-Length": "1000000"})
        begun.set()
        over.wait(10)

    ask.site.answers["/log"] = slowly

    async def give_up(store: LogStore) -> None:
        fetching = asyncio.create_task(store.resolve(ask.url()))
        await asyncio.to_thread(begun.wait, 10)
        fetching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await fetching

    ask.run(give_up)
    over.set()
    assert {path.name for path in ask.cache.folder.iterdir()} == {".lock"}


def test_a_log_that_had_to_make_room_is_told_with_where_it_came_from(ask: Ask) -> None:
    ask.site.says("/log", LOG)
    [log] = ask(ask.url())
    log.path.unlink()
    with pytest.raises(NotFound, match="had to make room") as gone:
        read(log)
    assert gone.value.hint == f"fetch it again from {ask.url()}"
    assert read(ask(ask.url())[0]) == LOG


def test_a_folder_is_listed_by_names_that_can_be_asked_for(ask: Ask) -> None:
    (ask.work / "logs").mkdir()
    for name in ("b.log", "a.txt", "c.py"):
        (ask.work / "logs" / name).write_bytes(LOG)

    async def list_them(store: LogStore) -> list[str]:
        assert await store.is_folder("logs")
        assert not await store.is_folder("logs/b.log")
        assert not await store.is_folder("log:1")
        return await store.folder("logs")

    names = ask.run(list_them)
    assert names == [str(ask.work / "logs" / name) for name in ("a.txt", "b.log")]
    assert [read(log) for log in ask(*names)] == [LOG, LOG]


def test_a_log_that_still_grows_is_fetched_again_later(ask: Ask) -> None:
    ask.shelf.logs["shelf:1"] = [b"so far\n"]
    ask.shelf.unfinished.add("shelf:1")
    first, again = ask("shelf:1", "shelf:1")
    assert first.handle == again.handle
    assert ask.shelf.asked == ["shelf:1"]
    ask.shelf.logs["shelf:1"] = [b"so far\n", b"the end\n"]
    ask.shelf.unfinished.clear()
    whole, kept = [log for _ in range(2) for log in ask("shelf:1")]  # new stores
    assert read(whole) == b"so far\nthe end\n"
    assert kept.handle == whole.handle
    assert ask.shelf.asked == ["shelf:1", "shelf:1"]
    assert read(first) == b"so far\n"


def test_a_log_that_grows_and_had_to_go_is_fetched_again(ask: Ask) -> None:
    ask.shelf.logs["shelf:1"] = [b"so far\n"]
    ask.shelf.unfinished.add("shelf:1")

    async def twice(store: LogStore) -> None:
        gone = await store.resolve("shelf:1")
        gone.path.unlink()
        assert read(await store.resolve("shelf:1")) == b"so far\n"

    ask.run(twice)
    assert ask.shelf.asked == ["shelf:1", "shelf:1"]
