from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path

from sickbay.clients.explainers import Explainers
from sickbay.clients.store import FileCache
from sickbay.core.errors import SickbayError, Unavailable
from sickbay.logs.catalogue import catalogue
from sickbay.logs.parts import explain_parts

if TYPE_CHECKING:
    from pathlib import Path

RULES = user_cache_path("sickbay") / "rules"


@pytest.fixture(autouse=True)
def compiled() -> None:
    """The rules are compiled once, and not by each process."""
    assert catalogue(cache=FileCache(RULES)).engine


def log(folder: Path, number: int) -> Path:
    path = folder / f"{number}.log"
    path.write_text(
        f"make\na.c:{number}:2: error: no bed {number}\nmake: *** Error 1\n"
    )
    return path


def test_reports_are_those_of_the_engine_whichever_process_made_them(
    tmp_path: Path,
) -> None:
    paths = [log(tmp_path, number) for number in range(1, 9)]

    async def run() -> list[object]:
        async with Explainers(RULES, most=2) as explainers:
            asked = (explainers.explain(path, source=path.name) for path in paths)
            return list(await asyncio.gather(*asked))

    wanted = catalogue(cache=FileCache(RULES))
    assert asyncio.run(run()) == [
        explain_parts([path.read_bytes()], wanted, source=path.name) for path in paths
    ]


def test_a_log_that_cannot_be_read_is_an_error_and_the_next_one_is_read(
    tmp_path: Path,
) -> None:
    binary = tmp_path / "binary.log"
    binary.write_bytes(bytes(range(1, 32)) * 99)

    async def run() -> None:
        async with Explainers(RULES, most=1) as explainers:
            for path in (tmp_path / "none.log", binary):
                with pytest.raises(SickbayError):
                    await explainers.explain(path, source="x")
            report = await explainers.explain(log(tmp_path, 1), source="y")
            assert report.causes

    asyncio.run(run())


def test_a_process_that_is_killed_is_an_error_and_another_takes_its_place(
    tmp_path: Path,
) -> None:
    async def run() -> None:
        async with Explainers(RULES, most=1) as explainers:
            assert await explainers.explain(log(tmp_path, 1), source="x")
            (victim,) = explainers.processes
            os.kill(victim, signal.SIGKILL)
            with pytest.raises(Unavailable):
                await explainers.explain(log(tmp_path, 2), source="x")
            assert await explainers.explain(log(tmp_path, 3), source="x")

    asyncio.run(run())


def test_whoever_gives_up_leaves_no_process_and_no_wrong_answer(tmp_path: Path) -> None:
    big = tmp_path / "big.log"
    big.write_text("a line of a long log\n" * 400_000)

    async def run() -> tuple[int, ...]:
        async with Explainers(RULES, most=1) as explainers:
            await explainers.explain(log(tmp_path, 1), source="x")
            late = asyncio.ensure_future(explainers.explain(big, source="big"))
            await asyncio.sleep(0)
            late.cancel()
            await asyncio.wait([late])
            report = await explainers.explain(log(tmp_path, 2), source="y")
            assert report.source == "y"
            return explainers.processes

    for process in asyncio.run(run()):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
