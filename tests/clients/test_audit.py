from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import stat
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.clients.audit import AuditLog
from sickbay.core.errors import Unavailable

if TYPE_CHECKING:
    from pathlib import Path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def append(path: Path, writer: int, count: int, max_bytes: int) -> None:
    log = AuditLog(path, max_bytes=max_bytes)
    for number in range(count):
        log.write({"writer": writer, "number": number}, durable=number % 50 == 0)


def test_a_record_is_a_line_in_a_file_of_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "state" / "audit.jsonl"
    log = AuditLog(path)
    log.write({"tool": "look", "when": object, "text": "a\nb\ud800é"})
    log.close()
    assert [line["tool"] for line in lines(path)] == ["look"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_numbers_that_json_does_not_know_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    AuditLog(path).write({"arguments": {"limit": float("nan")}})
    assert path.read_text() == '{"arguments": {"limit": null}}\n'


def test_processes_that_write_at_once_lose_nothing_when_it_is_set_aside(
    tmp_path: Path,
) -> None:
    path, writers, count = tmp_path / "audit.jsonl", 4, 200
    half = writers * count * len('{"writer": 0, "number": 100}\n') * 2 // 3
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=append, args=(path, writer, count, half))
        for writer in range(writers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * writers
    older, newer = lines(path.with_suffix(".1")), lines(path)
    assert newer
    written = {(line["writer"], line["number"]) for line in [*older, *newer]}
    assert written == {(w, n) for w in range(writers) for n in range(count)}
    assert len(older) + len(newer) == writers * count


def test_a_full_log_is_set_aside_and_the_one_before_goes(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path, max_bytes=40)
    for number in range(7):
        log.write({"number": number, "x": "x" * 5})
    assert path.stat().st_size <= 40
    assert [
        line["number"] for line in [*lines(path.with_suffix(".1")), *lines(path)]
    ] == [5, 6]


def test_a_log_that_was_moved_away_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    log.write({"number": 1})
    path.rename(tmp_path / "moved")
    log.write({"number": 2})
    assert [line["number"] for line in lines(path)] == [2]


@pytest.mark.parametrize("durable", [True, False])
def test_a_log_that_cannot_be_written_is_an_error(
    tmp_path: Path, *, durable: bool
) -> None:
    path = tmp_path / "audit.jsonl"
    path.mkdir()
    with pytest.raises(Unavailable, match="audit log cannot be written") as caught:
        AuditLog(path).write({}, durable=durable)
    assert "SICKBAY_STATE" in caught.value.hint


def test_attack_a_link_in_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to(tmp_path / "victim")
    with pytest.raises(Unavailable):
        AuditLog(tmp_path / "audit.jsonl").write({})
    assert not (tmp_path / "victim").exists()


def fill(path: Path) -> None:
    """Write one record whole and one cut, as on a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    log = AuditLog(path)
    log.write({"number": 1})
    room = path.stat().st_size + 9
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        log.write({"number": 2})
    except Unavailable:
        os._exit(7)


def test_a_full_disk_costs_the_record_that_did_not_fit_and_no_other(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audit.jsonl"
    process = multiprocessing.get_context("spawn").Process(target=fill, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == 7
    AuditLog(path).write({"number": 3})
    whole, torn, after = path.read_text().splitlines()
    assert (json.loads(whole), json.loads(after)) == ({"number": 1}, {"number": 3})
    assert torn == '{"number"'
