from __future__ import annotations

import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.store import FileCache
from sickbay.logs.rules.engine import HyperscanEngine

if TYPE_CHECKING:
    from pathlib import Path

RACER = """
import sys
from pathlib import Path
from sickbay.clients.store import FileCache
cache = FileCache(Path(sys.argv[1]))
wanted = {bytes([letter]) * 200_000 for letter in b"ab"}
for round in range(40):
    cache.put("key", sys.argv[2].encode() * 200_000)
    assert cache.get("key") in wanted
"""


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "a" / "b")
    assert cache.get("key") is None
    cache.put("key", b"one")
    cache.put("key", b"two")
    assert cache.get("key") == b"two"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["key"]


def test_nobody_else_may_look(tmp_path: Path) -> None:
    FileCache(tmp_path / "rules").put("key", b"x")
    assert stat.S_IMODE((tmp_path / "rules").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "rules" / "key").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_means_no_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = FileCache(tmp_path / "file" / "rules")
    cache.put("key", b"x")
    assert cache.get("key") is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_means_no_cache(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    FileCache(tmp_path).put("key", b"x")
    assert FileCache(tmp_path).get("key") is None
    tmp_path.chmod(0o700)


def test_a_folder_in_the_place_of_a_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "key" / "in").mkdir(parents=True)
    FileCache(tmp_path).put("key", b"x")
    assert FileCache(tmp_path).get("key") is None
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_two_processes_never_see_half_a_file(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACER, str(tmp_path)]
    racers = [subprocess.Popen([*command, letter]) for letter in "ab"]
    assert [racer.wait() for racer in racers] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_damaged_file_is_mended(tmp_path: Path) -> None:
    block = b"an error: here\n"
    first = HyperscanEngine(["error: .+"], FileCache(tmp_path)).scan(block)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert HyperscanEngine(["error: .+"], FileCache(tmp_path)).scan(block) == first
    assert kept.read_bytes() == whole


def test_a_miss_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    cache = FileCache(tmp_path, missed=lambda: told.append("missed"))
    cache.put("here", b"x")
    assert cache.get("here") == b"x"
    assert not told
    assert [cache.get("a"), cache.get("b")] == [None, None]
    assert told == ["missed"]
