from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sickbay.api import explain
from sickbay.simulators.hud import logs, wire
from sickbay.simulators.hud.failures import FAILURES, record
from tests.simulators.hud import Hud, hud_at, world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx2

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(name="hud", scope="module")
def running() -> Iterator[Hud]:
    with hud_at(now=NOON) as hud:
        yield hud


def stored(hud: Hud, url: str, **headers: str) -> tuple[httpx2.Response, bytes]:
    with hud.client.stream("GET", url, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize("key", FAILURES)
def test_every_failure_has_the_line_that_is_stored(key: str) -> None:
    left = record(key)
    assert left.line in left.lines
    assert all(capture in left.line for capture in left.captures)


def test_stored_line_is_where_its_number_says(hud: Hud) -> None:
    seen = set()
    for run in reversed(hud.world.failed):
        if run.failure in seen or run.completed is None:
            continue
        seen.add(run.failure)
        known = wire.classification(run, 0)
        lines = hud.get(f"/log/{run.job_id}").text.splitlines()
        (number,), (line,) = known["failureLineNumbers"], known["failureLines"]
        assert lines[number - 1].partition(" ")[2] == line
    assert len(seen) > 5


@pytest.mark.parametrize("role", ["build", "test", "check"])
def test_log_of_a_job_that_passed_has_nothing_to_explain(
    role: str, tmp_path: Path
) -> None:
    made = world(now=NOON)
    run = next(
        run
        for run in made.runs()
        if run.kind.role == role and run.conclusion == "success"
    )
    log = tmp_path / "passed.log"
    log.write_bytes(logs.text(run, made.commit(run.order).sha, 200_000))
    told = explain(log)
    assert told.causes == ()
    assert told.verdict.category == "unknown"
    assert told.tests.failed == ()


def test_log_is_stored_compressed_and_given_in_parts(hud: Hud) -> None:
    run = next(run for run in hud.world.failed if run.completed)
    url = f"/log/{run.job_id}"
    whole, body = stored(hud, url)
    assert whole.headers["content-encoding"] == "gzip"
    assert b"##[group]" in gzip.decompress(body)
    part, rest = stored(hud, url, Range="bytes=100-")
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-{len(body) - 1}/{len(body)}"
    assert body[100:] == rest
    beyond, _ = stored(hud, url, Range=f"bytes={len(body)}-")
    assert beyond.status_code == 416


def test_head_tells_the_size_and_sends_nothing(hud: Hud) -> None:
    run = next(run for run in hud.world.failed if run.completed)
    answer = hud.client.head(f"/log/{run.job_id}")
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) > 500


def test_each_repository_has_its_own_place(hud: Hud) -> None:
    run = next(run for run in hud.world.failed if run.completed)
    base = "/log"
    assert hud.get(f"{base}/pytorch/vision/{run.job_id}").status_code == 200
    assert hud.get(f"{base}/pytorch/pytorch/{run.job_id}").status_code == 404


def test_failing_job_under_way_has_a_log_elsewhere() -> None:
    with hud_at(now=NOON, seed=3) as hud:
        run = next(run for run in hud.world.failed if run.completed is None)
        assert hud.get(f"/log/{run.job_id}").status_code == 404
        text = hud.get(f"/temp_logs/{run.job_id}").text
        assert record(run.failure or "").line in text
        ended = next(run for run in hud.world.failed if run.completed)
        assert hud.get(f"/temp_logs/{ended.job_id}").status_code == 404
        shape = wire.job(run, "", 0)
        assert (shape["conclusion"], shape["status"]) == ("failure", "in_progress")
        assert "/temp_logs/" in shape["logUrl"]


def test_logs_of_long_ago_are_gone() -> None:
    with hud_at(now=NOON, commits=300) as hud:
        old = next(run for run in hud.world.failed if run.order < 20)
        assert hud.get(f"/log/{old.job_id}").status_code == 404


def test_logs_can_be_large() -> None:
    with hud_at(now=NOON, log_bytes=2_000_000) as hud:
        run = next(run for run in hud.world.failed if run.completed)
        body = hud.get(f"/log/{run.job_id}").content
        assert 1_900_000 < len(body) < 2_200_000
        number = wire.classification(run, 2_000_000)["failureLineNumbers"][0]
        lines = io.BytesIO(body).readlines()
        assert record(run.failure or "").line.encode() in lines[number - 1]
