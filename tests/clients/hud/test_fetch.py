"""One request for many who ask, and answers that are kept for a while."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import zstandard

from sickbay.clients.cache import MAX_UNPACKED, Disk, Kept, Memory
from tests.clients.hud.desk import NOW, asked, client

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.clients.hud import AsyncHudClient
    from tests.clients.site import Handler, Site

WHERE = "/api/clickhouse/q"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **much: float) -> None:
        self.now += timedelta(**much)


def counted(site: Site, path: str = WHERE) -> None:
    """Answer with how often it was asked."""
    site.answers[path] = lambda handler: handler.say(
        json.dumps([{"n": len(site.asked)}]).encode()
    )


async def n(hud: AsyncHudClient, *, refresh: bool = False) -> int:
    [row] = await hud.query("q", refresh=refresh)
    number: int = row["n"]
    return number


def test_those_who_ask_at_the_same_time_share_one_request(site: Site) -> None:
    counted(site)

    async def work(hud: AsyncHudClient) -> list[int]:
        return await asyncio.gather(*(n(hud) for _ in range(20)))

    assert asked(site.port, work) == [1] * 20
    assert len(site.asked) == 1


def test_one_who_leaves_does_not_take_the_answer_from_the_others(site: Site) -> None:
    came, go = threading.Event(), threading.Event()

    def slow(handler: Handler) -> None:
        came.set()
        go.wait(5)
        handler.say(b'[{"n": 1}]')

    site.answers[WHERE] = slow

    async def work(hud: AsyncHudClient) -> int:
        leaving, staying = (asyncio.ensure_future(n(hud)) for _ in range(2))
        await asyncio.to_thread(came.wait, 5)
        leaving.cancel()
        await asyncio.wait([leaving])
        go.set()
        return await staying

    assert asked(site.port, work) == 1
    assert len(site.asked) == 1


def test_when_all_have_left_the_next_one_asks_anew(site: Site) -> None:
    came, go = threading.Event(), threading.Event()

    def slow(handler: Handler) -> None:
        first = not came.is_set()
        came.set()
        if first:
            go.wait(5)
        handler.say(b'[{"n": 2}]')

    site.answers[WHERE] = slow

    async def work(hud: AsyncHudClient) -> int:
        leaving = asyncio.ensure_future(n(hud))
        await asyncio.to_thread(came.wait, 5)
        leaving.cancel()
        await asyncio.wait([leaving])
        found = await n(hud)
        go.set()
        return found

    assert asked(site.port, work) == 2


def test_an_error_is_not_kept(site: Site) -> None:
    site.says(WHERE, status=404)

    async def work(hud: AsyncHudClient) -> int:
        with pytest.raises(Exception, match="404"):
            await n(hud)
        counted(site)
        return await n(hud)

    assert asked(site.port, work) == 2


def test_an_answer_holds_for_a_minute_and_not_when_refreshed(site: Site) -> None:
    counted(site)
    clock = Clock()

    async def work(hud: AsyncHudClient) -> list[int]:
        found = [await n(hud), await n(hud)]
        clock.later(seconds=59)
        found.append(await n(hud))
        clock.later(seconds=2)
        found += [await n(hud), await n(hud, refresh=True), await n(hud)]
        return found

    assert asked(site.port, work, now=clock) == [1, 1, 1, 2, 3, 3]


def test_rows_that_a_caller_changes_are_the_caller_s_own(site: Site) -> None:
    counted(site)

    async def work(hud: AsyncHudClient) -> object:
        rows = await hud.query("q")
        rows[0]["n"] = "mine"
        rows.clear()
        return await hud.query("q")

    assert asked(site.port, work) == [{"n": 1}]


def grid(*, status: str, time: datetime) -> bytes:
    job = {"id": 1, "status": status, "conclusion": "success"}
    if status != "completed":
        job["conclusion"] = "pending"
    commit = {"sha": "a" * 40, "time": time.isoformat(), "jobs": [job]}
    return json.dumps({"shaGrid": [commit], "jobNames": ["a / b"]}).encode()


@pytest.mark.parametrize(
    ("ref", "status", "age", "asks"),
    [
        pytest.param("a" * 40, "completed", timedelta(days=2), 1, id="closed"),
        pytest.param("a" * 40, "completed", timedelta(hours=20), 2, id="young"),
        pytest.param("a" * 40, "in_progress", timedelta(days=2), 2, id="unfinished"),
        pytest.param("main", "completed", timedelta(days=2), 2, id="a branch grows"),
    ],
)
def test_what_is_old_and_over_holds_for_days(
    site: Site, ref: str, status: str, age: timedelta, asks: int
) -> None:
    site.says(f"/api/hud/pytorch/pytorch/{ref}/1", grid(status=status, time=NOW - age))
    clock = Clock()

    async def work(hud: AsyncHudClient) -> None:
        await hud.page(ref)
        clock.later(hours=1)
        await hud.page(ref)

    asked(site.port, work, now=clock)
    assert len(site.asked) == asks


def test_another_process_finds_the_answer_on_disk(site: Site, tmp_path: Path) -> None:
    counted(site)
    folder = tmp_path / "hud"
    more = {"cache": folder, "now": Clock(), "bot_token": "s3cret-token"}
    assert asked(site.port, n, **more) == 1
    assert asked(site.port, n, **more) == 1
    assert len(site.asked) == 1
    [file] = folder.iterdir()
    assert oct(folder.stat().st_mode)[-3:] == "700"
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert b"s3cret" not in file.read_bytes()
    assert "s3cret" not in file.name


@pytest.mark.parametrize("damage", [b"", b"no zstd", b"\x28\xb5\x2f\xfd broken"])
def test_a_damaged_file_is_as_good_as_none(
    site: Site, tmp_path: Path, damage: bytes
) -> None:
    counted(site)
    clock = Clock()
    assert asked(site.port, n, cache=tmp_path, now=clock) == 1
    [file] = tmp_path.iterdir()
    until = file.stat().st_mtime
    file.write_bytes(damage)
    os.utime(file, (until, until))
    assert asked(site.port, n, cache=tmp_path, now=clock) == 2


def test_attack_a_file_that_unpacks_to_more_than_was_ever_packed_is_left_alone(
    tmp_path: Path,
) -> None:
    disk = Disk(tmp_path, now=lambda: NOW)
    until = NOW.timestamp() + 60
    disk.put("http://hud/", b"{}", until)
    assert disk.get("http://hud/") == (b"{}", until)
    size, block = MAX_UNPACKED + (1 << 20), bytes(1 << 20)
    pack = zstandard.ZstdCompressor().compressobj(size=size)
    [file] = tmp_path.iterdir()
    parts = (pack.compress(block) for _ in range(size // len(block)))
    file.write_bytes(b"".join(parts) + pack.flush())
    os.utime(file, (until, until))
    assert disk.get("http://hud/") is None


def test_a_folder_that_cannot_be_written_costs_nothing(
    site: Site, tmp_path: Path
) -> None:
    counted(site)
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert asked(site.port, n, cache=blocked) == 1


def test_the_folder_stays_within_its_size_and_loses_the_oldest(tmp_path: Path) -> None:
    disk = Disk(tmp_path, now=lambda: NOW, size=3000)
    body = os.urandom(1000)
    for number in range(5):
        disk.put(f"/{number}", body, NOW.timestamp() + 60 + number)
    kept = [number for number in range(5) if disk.get(f"/{number}")]
    assert kept == [3, 4]
    assert disk.get("/4") == (body, NOW.timestamp() + 64)


def test_memory_stays_within_its_size() -> None:
    memory = Memory(100, lambda: NOW)
    for key in "abc":
        memory.put(key, Kept(key, 40, NOW.timestamp() + 60))
    memory.put("large", Kept("large", 101, NOW.timestamp() + 60))
    found = [memory.get(key) for key in ("a", "b", "c", "large")]
    assert [kept.value if kept else None for kept in found] == [None, "b", "c", None]


def test_the_same_question_is_one_key_whatever_the_order_of_its_parameters(
    site: Site,
) -> None:
    counted(site)

    async def work(hud: AsyncHudClient) -> list[object]:
        return [
            await hud.query("q", {"a": 1, "b": 2}),
            await hud.query("q", {"b": 2, "a": 1}),
        ]

    first, second = asked(site.port, work)
    assert first == second
    assert len(site.asked) == 1


def test_a_client_can_be_made_where_no_loop_runs() -> None:
    client(9)


def test_what_another_version_kept_on_disk_is_asked_for_again(
    site: Site, tmp_path: Path
) -> None:
    counted(site)
    clock = Clock()
    asked(site.port, n, cache=tmp_path, now=clock)
    url = f"http://127.0.0.1:{site.port}{site.paths[0]}"
    Disk(tmp_path, now=clock).put(url, b'{"not": "rows"}', NOW.timestamp() + 60)
    assert asked(site.port, n, cache=tmp_path, now=clock) == 2
