"""The trunk of a whole simulated project, read over HTTP, against the truth."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sickbay.ci.grid import counts, joined, status
from sickbay.ci.models import Grid
from sickbay.ci.streaks import streaks
from sickbay.ci.trunk import trunk
from sickbay.clients.hud import AsyncHudClient, wire
from sickbay.clients.hud.convert import row
from sickbay.clients.tolerant import Tolerant
from tests.clients.hud.conftest import REAL
from tests.simulators.hud import NOW, hud_at

if TYPE_CHECKING:
    from sickbay.ci.causes import Cause
    from sickbay.ci.trunk import Trunk
    from sickbay.simulators.hud.world import World

COMMITS = 70


@pytest.fixture(scope="module")
def read() -> tuple[World, Grid]:
    """A project, and its trunk in pages whose borders cut through what is broken."""
    with hud_at(commits=COMMITS) as hud:

        async def pages() -> Grid:
            async with AsyncHudClient(hud.url) as client:
                sizes = [client.page(page=n, per_page=20) for n in range(1, 5)]
                found = await asyncio.gather(*sizes)
            return joined(Grid(rows=page.rows) for page in found)

        return hud.world, asyncio.run(pages())


@pytest.fixture(scope="module")
def found(read: tuple[World, Grid]) -> Trunk:
    return trunk(read[1], NOW)


def about(found: Trunk, line: str) -> list[Cause]:
    test = line.removeprefix("FAILED CONSISTENTLY: ")[:60]
    return [cause for cause in found.causes if test in cause.text]


def test_trunk_is_red_since_the_commit_that_broke_it(
    read: tuple[World, Grid], found: Trunk
) -> None:
    truth = read[0].story("ongoing")
    assert found.health == "red"
    assert found.since is not None
    assert found.since.sha == truth.first_bad
    (cause,) = (cause for cause in found.causes if cause.current and cause.blocking)
    assert cause in about(found, truth.cause)
    assert cause.verdict == "ongoing"
    assert cause.culprit is not None
    assert cause.culprit.sha == truth.culprit
    assert set(cause.shards) <= set(truth.jobs)


@pytest.mark.parametrize("kind", ["reverted", "autoreverted"])
def test_reverted_breakage_is_fixed(
    kind: str, read: tuple[World, Grid], found: Trunk
) -> None:
    for truth in (story for story in read[0].stories if story.kind == kind):
        spans = {
            (cause.verdict, cause.first_bad.sha, cause.last_bad.sha): cause
            for cause in about(found, truth.cause)
        }
        cause = spans["fixed", truth.first_bad, truth.last_bad or ""]
        assert cause.culprit is not None
        assert cause.fix is not None
        assert (cause.culprit.sha, cause.fix.sha) == (truth.culprit, truth.fixed_by)


def test_relapse_is_fixed_for_the_second_time(
    read: tuple[World, Grid], found: Trunk
) -> None:
    truth = read[0].story("relapse")
    (cause,) = about(found, truth.cause)
    assert (cause.verdict, cause.episodes) == ("fixed", 2)
    assert cause.last_bad.sha == truth.last_bad


def test_flaky_failures_are_flaky(read: tuple[World, Grid], found: Trunk) -> None:
    truths = [story for story in read[0].stories if story.kind == "flaky"]
    assert len(truths) == 2
    for truth in truths:
        assert [cause.verdict for cause in about(found, truth.cause)] == ["flaky"]


def test_outage_is_the_machines_and_nobody_s(
    read: tuple[World, Grid], found: Trunk
) -> None:
    truth = read[0].story("infrastructure")
    (cause,) = about(found, truth.cause.removeprefix("##[error]"))
    assert (cause.verdict, cause.category) == ("fixed", "infrastructure")
    assert cause.suspects == ()
    assert cause.first_bad.sha == truth.first_bad
    assert cause.last_bad.sha == truth.last_bad


def test_dependency_that_broke_by_itself_is_told(
    read: tuple[World, Grid], found: Trunk
) -> None:
    truth = read[0].story("dependency")
    (cause,) = about(found, truth.cause)
    assert (cause.verdict, cause.category) == ("fixed", "dependency")
    assert cause.culprit is None
    assert cause.fix is not None
    assert cause.fix.sha == truth.fixed_by


def test_page_borders_change_nothing_of_a_whole_trunk(
    read: tuple[World, Grid], found: Trunk
) -> None:
    rows = read[1].rows
    parts = [Grid(rows=rows[at : at + 23]) for at in range(0, COMMITS, 23)]
    again = joined(parts)
    assert trunk(again, NOW) == found
    assert streaks(again, fold=True) == streaks(read[1], fold=True)


def test_unknown_results_make_no_commit_green(read: tuple[World, Grid]) -> None:
    newest = read[1].rows[0]
    assert counts(newest).unfinished
    assert status(newest) in {"pending", "red"}


def test_real_page_has_two_failures_not_seen_before() -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not there")
    read = Tolerant(wire.Page)(REAL.read_bytes()).value
    (only,) = read.sha_grid or [None]
    assert only is not None
    made = row(only, read.job_names, repo="pytorch/pytorch", usual="pytorch/pytorch")
    ended = counts(made)
    assert (ended.total, ended.ok, ended.pending) == (265, 179, 68)
    assert (ended.queued, ended.skipped, ended.fail) == (10, 6, 2)
    page = joined([Grid(rows=(made,))])
    assert len(page.job_names) == 265
    found = trunk(page, NOW)
    assert found.health == "red"
    assert [(cause.verdict, cause.category) for cause in found.causes] == [
        ("new", "code"),
        ("new", "code"),
    ]
