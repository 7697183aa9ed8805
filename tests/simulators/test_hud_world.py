from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from sickbay.simulators.hud.fleet import fleet
from sickbay.simulators.hud.runs import Run
from sickbay.simulators.hud.wire import failed_before, representative, word
from sickbay.simulators.hud.world import World
from tests.simulators.hud import world

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
SETTLED = 12  # commits after which all jobs have ended


@pytest.fixture(name="small")
def small_world() -> World:
    return world(now=NOON)


def failing(made: World, order: int, key: str) -> set[str]:
    return {
        run.kind.full_name
        for runs in made.cells(order).values()
        for run in runs
        if run.failure == key
    }


def test_the_same_seed_gives_the_same_world() -> None:
    first, second = (World(7, commits=60, now=NOON) for _ in range(2))
    assert first.landed == second.landed
    assert first.cells(40) == second.cells(40)


def test_another_seed_gives_another_world(small: World) -> None:
    other = World(7, commits=60, now=NOON)
    assert small.landed[0].sha != other.landed[0].sha


def test_world_too_small_for_its_stories_is_refused() -> None:
    with pytest.raises(ValueError, match="60"):
        World(commits=59)


def test_commit_has_as_many_jobs_as_a_real_one(small: World) -> None:
    sizes = {len(small.cells(order)) for order in range(20, small.count - SETTLED)}
    assert min(size for size in sizes if size > 250) < 275
    assert max(sizes) > 290  # where the periodic ones run, too


def test_jobs_are_found_by_their_id_and_no_two_share_one(small: World) -> None:
    runs = [run for run in small.runs() if run.order % 10 == 0]
    assert max(Counter(run.job_id for run in runs).values()) == 1
    assert all(small.run(run.job_id) == run for run in runs[::37])
    assert small.run(1) is None
    assert small.run(10**12) is None


def test_nothing_happens_before_its_commit_or_after_now(small: World) -> None:
    for run in small.runs():
        times = [run.created, run.started, run.completed]
        known = [time for time in times if time is not None]
        assert known == sorted(known)
        assert small.commit(run.order).time <= known[0]
        assert known[-1] <= small.now.timestamp()


def test_newest_commits_are_unfinished_and_settled_ones_are_not(small: World) -> None:
    def unfinished(order: int) -> int:
        return sum(runs[-1].completed is None for runs in small.cells(order).values())

    assert unfinished(small.count - 1)
    assert not any(map(unfinished, range(small.count - SETTLED)))


def test_breakage_that_goes_on_begins_with_its_culprit(small: World) -> None:
    story = small.story("ongoing")
    first = small.orders[story.first_bad]
    assert story.last_bad is None
    assert story.culprit == story.first_bad
    assert not any(failing(small, order, "ops") for order in range(first))
    assert failing(small, first, "ops") <= set(story.jobs)


def test_breakage_moves_to_another_shard_and_some_commits_tell_nothing(
    small: World,
) -> None:
    first = small.orders[small.story("ongoing").first_bad]
    early, late = failing(small, first, "ops"), failing(small, small.count - 15, "ops")
    assert early
    assert late
    assert early.isdisjoint(late)
    pull = [
        Counter(
            runs[-1].conclusion
            for runs in small.cells(order).values()
            if runs[0].kind.workflow == "pull"
        )
        for order in range(first, small.count - SETTLED)
    ]
    assert any(not states for states in pull)
    assert any(set(states) == {"cancelled"} for states in pull)


def test_reverted_breakage_ends_with_its_revert(small: World) -> None:
    story = small.story("reverted")
    assert story.culprit is not None
    assert story.fixed_by is not None
    fix = small.landed[small.orders[story.fixed_by]]
    assert fix.title.startswith("Revert ")
    assert f"This reverts commit {story.culprit}." in fix.message
    assert not any(
        failing(small, order, "cpu_repro") for order in range(fix.order, small.count)
    )


def test_flaky_tests_fail_as_often_as_told(small: World) -> None:
    def rate(key: str) -> float:
        plot = next(plot for plot in small.plots if plot.key == key)
        cells = [
            runs
            for order in range(small.count - SETTLED)
            for slot, runs in small.cells(order).items()
            if slot in plot.slots(order)
        ]
        assert any(failed_before(runs) for runs in cells)
        return sum(runs[0].failure == key for runs in cells) / len(cells)

    assert 0.01 < rate("gloo") < 0.12
    assert 0.25 < rate("dataloader") < 0.55


def test_outage_hits_unrelated_jobs_of_one_kind_of_machine(small: World) -> None:
    story = small.story("infrastructure")
    first = small.orders[story.first_bad]
    hit = failing(small, first + 2, "lost")
    assert len({name.partition(" (")[0] for name in hit}) > 3
    assert all("g5.4xlarge" in name or "g6.4xlarge" in name for name in hit)


def test_tests_whose_build_failed_never_began(small: World) -> None:
    story = small.story("autoreverted")
    order = small.orders[story.first_bad]
    build = next(
        kind
        for kind in fleet()
        if kind.full_name == "trunk / win-vs2022-cpu-py3 / build"
    )
    waiting = {kind.slot for kind in fleet() if kind.needs == build.slot}
    assert waiting
    assert waiting.isdisjoint(small.cells(order))
    assert waiting <= small.cells(order - 1).keys()


def test_bot_ran_the_build_once_more_before_it_reverted(small: World) -> None:
    order = small.orders[small.story("autoreverted").first_bad]
    again = [
        run
        for runs in small.cells(order).values()
        for run in runs
        if run.origin == "autorevert"
    ]
    assert again
    assert all(run.attempt == 1 for run in again)
    assert {run.run_id for run in again}.isdisjoint(
        runs[0].run_id for runs in small.cells(order).values()
    )


@pytest.mark.parametrize("number", range(177_000, 177_006))
def test_pull_request_fails_where_the_truth_says(small: World, number: int) -> None:
    pull = small.pulls[number]
    newest = [runs[-1] for runs in small.cells(pull.heads[-1]).values()]
    bad = {
        run.kind.full_name for run in newest if word(run) not in {"success", "skipped"}
    }
    assert bad == set(pull.truth)


def test_pull_requests_know_every_category(small: World) -> None:
    known = {
        category for pull in small.pulls.values() for category in pull.truth.values()
    }
    assert known == {
        "NEW_FAILURE",
        "BROKEN_TRUNK",
        "FLAKY",
        "INFRA_FLAKE",
        "UNSTABLE",
        "AWAITING_APPROVAL",
        "UNKNOWN",
    }


def test_forced_merges_with_failures_had_them(small: World) -> None:
    forced = [landed for landed in small.landed if landed.forced_with_failures]
    assert forced
    for landed in forced:
        pull = small.pulls[landed.pr or 0]
        newest = [runs[-1] for runs in small.cells(pull.heads[-1]).values()]
        bad = {
            r.kind.full_name for r in newest if word(r) not in {"success", "skipped"}
        }
        assert bad == set(pull.truth) != set()


def test_broken_trunk_of_a_pull_request_is_broken_on_its_base(small: World) -> None:
    for pull in small.pulls.values():
        base = {
            runs[-1].kind.full_name: runs[-1].failure
            for runs in small.cells(pull.base).values()
        }
        head = {
            runs[-1].kind.full_name: runs[-1].failure
            for runs in small.cells(pull.heads[-1]).values()
        }
        for name, category in pull.truth.items():
            assert (base.get(name) == head[name]) == (category == "BROKEN_TRUNK") or (
                category not in {"BROKEN_TRUNK", "NEW_FAILURE"}
            )


def run_of(conclusion: str, nth: int) -> Run:
    return Run(
        kind=fleet()[0],
        order=0,
        nth=nth,
        attempt=nth + 1,
        status="completed",
        conclusion=conclusion,
        created=0.0,
    )


@pytest.mark.parametrize(
    ("conclusions", "best", "flaky"),
    [
        pytest.param(["success"], 0, False, id="one"),
        pytest.param(["failure", "success"], 1, True, id="retried"),
        pytest.param(["success", "failure"], 0, True, id="failed-later"),
        pytest.param(["failure", "failure"], 1, False, id="newest-failure"),
        pytest.param(["failure", "cancelled"], 0, False, id="cancelled-tells-nothing"),
        pytest.param(["cancelled", "cancelled"], 1, False, id="all-cancelled"),
        pytest.param(["skipped", "neutral"], 1, False, id="neutral-before-skipped"),
    ],
)
def test_best_run_stands_for_a_cell(
    conclusions: list[str],
    best: int,
    flaky: bool,  # noqa: FBT001 - a table
) -> None:
    runs = [run_of(conclusion, nth) for nth, conclusion in enumerate(conclusions)]
    assert representative(runs) is runs[best]
    assert failed_before(runs) is flaky
