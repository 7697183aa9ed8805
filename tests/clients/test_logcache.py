from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.files import chunks
from sickbay.clients.logcache import LogCache
from sickbay.core.errors import (
    BadRequest,
    Malformed,
    NotFound,
    TooLarge,
    Unavailable,
)
from tests.clients import cacheworker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.clients.logcache import Entry

WORKER = Path(cacheworker.__file__)
LOG = b"a line\nan error: here\n"


def read(entry: Entry) -> bytes:
    return b"".join(bytes(chunk) for chunk in chunks(entry.path))


def digest(entry: Entry) -> str:
    return hashlib.sha256(read(entry)).hexdigest()


def put(cache: LogCache, text: bytes, origin: str = "somewhere") -> Entry:
    return cache.put([text], origin=origin)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "logs"


@pytest.fixture
def cache(folder: Path) -> LogCache:
    return LogCache(folder)


def test_a_log_is_found_by_handle_and_by_origin(cache: LogCache) -> None:
    entry = cache.put([LOG[:5], memoryview(LOG[5:]), b"the end"], origin="a place")
    whole = LOG + b"the end"
    assert entry.handle == f"log:{hashlib.sha256(whole).hexdigest()[:16]}"
    assert (entry.bytes, entry.lines, entry.origin) == (len(whole), 3, "a place")
    assert cache.get(entry.handle) == cache.find("a place") == entry
    assert cache.entries() == [entry]
    assert cache.find("another place") is None
    assert read(entry) == whole


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_any_log_is_counted_and_given_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]
) -> None:
    cache, whole = LogCache(tmp_path_factory.mktemp("any")), b"".join(parts)
    entry = cache.put(parts, origin="x")
    ends = whole[-1:] in (b"", b"\n")
    assert (entry.bytes, entry.lines) == (len(whole), whole.count(b"\n") + (not ends))
    assert entry.handle == f"log:{hashlib.sha256(whole).hexdigest()[:16]}"


def test_nobody_else_may_look_into_the_cache(cache: LogCache, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    put(cache, LOG)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_the_same_log_from_two_places_is_kept_once(cache: LogCache) -> None:
    one, other = put(cache, LOG, "one"), put(cache, LOG, "other")
    assert one.handle == other.handle
    assert len(cache.entries()) == 1
    found = cache.find("one")
    assert found
    assert (found.handle, found.origin) == (one.handle, "one")


def test_a_place_that_says_something_new_gives_the_new_log(cache: LogCache) -> None:
    old, new = put(cache, LOG), put(cache, LOG * 2)
    assert cache.find("somewhere") == new
    assert cache.get(old.handle) == old


def test_handles_grow_where_logs_begin_alike(folder: Path) -> None:
    cache = LogCache(folder, digits=1)
    logs = [b"%d\n" % number for number in range(40)]
    entries = [put(cache, log, log.decode()) for log in logs]
    assert len({entry.handle for entry in entries}) == len(logs)
    assert [read(cache.get(entry.handle)) for entry in entries] == logs
    assert [put(cache, log).handle for log in logs] == [e.handle for e in entries]


def test_the_least_recently_used_goes_first(folder: Path) -> None:
    noise = random.Random(1)  # noqa: S311 - a test's data
    logs = [noise.randbytes(3_000) for _ in range(3)]
    cache = LogCache(folder, max_bytes=8_000)
    first, second = put(cache, logs[0], "1"), put(cache, logs[1], "2")
    for order, entry in enumerate((first, second)):
        os.utime(entry.path, ns=(order, order))
    cache.get(first.handle)
    third = put(cache, logs[2], "3")
    assert [entry.handle for entry in cache.entries()] == [third.handle, first.handle]
    with pytest.raises(NotFound, match="had to make room") as gone:
        cache.get(second.handle)
    assert gone.value.hint == "fetch it again from 2"
    assert cache.find("2") is None


def test_attack_a_handle_longer_than_any_digest_is_not_looked_for(
    cache: LogCache,
) -> None:
    with pytest.raises(BadRequest, match=r"^log:a{96} is no handle of a log "):
        cache.get("log:" + "a" * 100_000)


def test_a_log_larger_than_the_cache_is_refused_and_leaves_nothing(
    folder: Path,
) -> None:
    cache = LogCache(folder, max_bytes=2_000_000)
    kept = put(cache, LOG)
    noise = random.Random(1)  # noqa: S311 - a test's data
    endless = iter(lambda: noise.randbytes(1_000_000), b"")
    with pytest.raises(TooLarge, match="larger than the log cache, 2,000,000 bytes"):
        cache.put(endless, origin="x")
    assert cache.entries() == [kept]
    assert list(folder.glob(".*.tmp")) == []


@pytest.mark.parametrize(
    "handle", ["log:", "log:xyz", "1234", "log:../../etc", "log:A"]
)
def test_what_is_no_handle_is_a_bad_request(cache: LogCache, handle: str) -> None:
    with pytest.raises(BadRequest, match="no handle"):
        cache.get(handle)


def test_an_unknown_handle_is_told_with_the_nearest(cache: LogCache) -> None:
    entry = put(cache, LOG)
    wrong = entry.handle[:-1] + ("0" if entry.handle[-1] != "0" else "1")
    with pytest.raises(NotFound, match="may have made room") as missing:
        cache.get(wrong)
    assert missing.value.hint.endswith(f"nearest: {entry.handle}")


def test_an_empty_cache_has_nothing_and_makes_nothing(
    cache: LogCache, folder: Path
) -> None:
    assert cache.entries() == []
    assert cache.find("x") is None
    with pytest.raises(NotFound):
        cache.get("log:0123456789abcdef")
    assert not folder.exists()


def damaged(entry: Entry, at: int) -> None:
    data = bytearray(entry.path.read_bytes())
    data[at] ^= 1
    entry.path.write_bytes(data)


def test_a_byte_changed_on_the_disk_is_noticed_and_mended_by_fetching(
    cache: LogCache,
) -> None:
    text = b"".join(b"%d\n" % number for number in range(5_000))
    entry = put(cache, text)
    damaged(entry, 2_000)
    with pytest.raises(Malformed, match="damaged"):
        read(cache.get(entry.handle))
    assert read(put(cache, text)) == text


def test_a_log_cut_on_the_disk_is_not_there_any_more(cache: LogCache) -> None:
    entry = put(cache, LOG)
    os.truncate(entry.path, entry.path.stat().st_size - 1)
    assert cache.entries() == []
    assert cache.find("somewhere") is None
    with pytest.raises(NotFound):
        cache.get(entry.handle)
    assert read(put(cache, LOG)) == LOG


def test_a_source_that_fails_leaves_nothing(cache: LogCache, folder: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield LOG
        raise NotFound("it ended here")

    with pytest.raises(NotFound, match="it ended here"):
        cache.put(breaking(), origin="x")
    assert cache.entries() == []
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_what_the_dead_left_is_removed_and_what_the_living_write_is_not(
    cache: LogCache, folder: Path
) -> None:
    def outer() -> Iterator[bytes]:
        (folder / ".dead.tmp").write_bytes(b"half a log")
        yield LOG
        put(cache, b"another\n", "inner")
        assert not (folder / ".dead.tmp").exists()
        assert len(list(folder.glob(".*.tmp"))) == 1
        yield LOG

    assert read(cache.put(outer(), origin="outer")) == LOG * 2


def test_threads_share_a_cache(folder: Path) -> None:
    logs = LogCache(folder, max_bytes=600_000)
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda seed: cacheworker.work(logs, seed, 8), range(6)))
    assert all(cacheworker.whole(entry) for entry in logs.entries())


class Workers:
    """Processes at a cache, by the id that each has."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER), str(folder), str(max_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def begin(self, seed: int) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{seed}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> str:
        """What they complained about."""
        return self._process.communicate()[1]


@pytest.mark.timeout(60)
def test_writers_killed_at_any_moment_leave_a_whole_cache(
    folder: Path, cache: LogCache
) -> None:
    workers, chance = Workers(folder, 600_000), random.Random()  # noqa: S311 - moments
    never = threading.Event()
    alive = [workers.begin(seed) for seed in range(3)]
    for seed in range(3, 53):
        never.wait(chance.uniform(0, 0.06))  # a moment as good as any other
        os.kill(alive.pop(chance.randrange(len(alive))), signal.SIGKILL)
        alive.append(workers.begin(seed))
        assert all(cacheworker.whole(entry) for entry in cache.entries())
    for process in alive:
        os.kill(process, signal.SIGKILL)
    assert workers.end() == ""

    entries = cache.entries()
    assert entries
    for entry in entries:
        assert f"log:{digest(entry)}".startswith(entry.handle)
    assert read(put(cache, LOG)) == LOG
    assert list(folder.glob(".*.tmp")) == []


def alone(program: str, *mounts: str) -> subprocess.CompletedProcess[str]:
    """Run a program where it may mount file systems that nobody else sees."""
    unshare = shutil.which("unshare")
    command = [unshare or "", "--user", "--map-root-user", "--mount", "sh", "-ec"]
    if not unshare or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("this system does not let tests mount file systems of their own")
    script = "; ".join([*mounts, 'exec "$0" -c "$1"'])
    return subprocess.run(
        [*command, script, sys.executable, program],
        capture_output=True,
        check=False,
        text=True,
    )


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    ran = alone(
        f"""
import random
from pathlib import Path
from sickbay.clients.files import chunks
from sickbay.clients.logcache import LogCache
from sickbay.core.errors import TooLarge
cache = LogCache(Path({str(tmp_path)!r}) / "logs")
kept = cache.put([b"a line\\n"], origin="kept")
try:
    cache.put((random.randbytes(100_000) for _ in range(100)), origin="large")
except TooLarge as exc:
    print(exc.message)
assert cache.entries() == [kept]
assert b"".join(bytes(c) for c in chunks(kept.path)) == b"a line\\n"
assert not list(cache.folder.glob(".*.tmp"))
""",
        f"mount -t tmpfs -o size=1m none {tmp_path}",
    )
    assert ran.stdout == f"no room on the disk for the log cache {tmp_path}/logs\n"
    assert ran.stderr == ""


def test_a_folder_that_cannot_be_written_is_told_and_still_read(tmp_path: Path) -> None:
    entry = put(LogCache(tmp_path), LOG)
    ran = alone(
        f"""
from pathlib import Path
from sickbay.clients.files import chunks
from sickbay.clients.logcache import LogCache
from sickbay.core.errors import Denied
cache = LogCache(Path({str(tmp_path)!r}))
try:
    cache.put([b"new"], origin="x")
except Denied as exc:
    print(exc.message)
[entry] = cache.entries()
assert b"".join(bytes(c) for c in chunks(cache.get(entry.handle).path)) == {LOG!r}
""",
        f"mount --bind {tmp_path} {tmp_path}",
        f"mount -o remount,bind,ro {tmp_path}",
    )
    assert ran.stderr == ""
    assert ran.stdout == f"may not write to the log cache {tmp_path}\n"
    assert read(entry) == LOG


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot use the log cache"):
        put(LogCache(tmp_path / "file"), LOG)
