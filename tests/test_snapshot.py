from __future__ import annotations

import statistics
from functools import cache
from typing import TYPE_CHECKING

import pytest

from sickbay.render.tokens import estimated
from tests import snapshot
from tests.snapshot import FOLDER, READ_ONLY, Listed, drift, parts, snapshots, wire
from tests.tokens import COUNTABLE, WHY_NOT, counted

if TYPE_CHECKING:
    from pathlib import Path

BUDGETS = {"logs": 2_000, READ_ONLY: 20_000}
ANY_TOOLSET = 3_500
MEDIAN_TOOL = 220

countable = pytest.mark.skipif(not COUNTABLE, reason=WHY_NOT)


@cache
def tools() -> tuple[Listed, ...]:
    return tuple(snapshot.listed())


@cache
def texts() -> dict[str, str]:
    return {name: wire(members) for name, members in parts(tools())}


def over_budget(costs: dict[str, int]) -> dict[str, int]:
    return {
        name: cost
        for name, cost in costs.items()
        if cost > BUDGETS.get(name, ANY_TOOLSET)
    }


def test_what_tools_list_says_is_as_pinned() -> None:
    drifted = [path.name for path in drift(snapshots(tools()), FOLDER)]
    assert not drifted, "look at what changed, then run `make snapshots`"


def test_no_toolset_costs_more_than_its_budget_as_estimated() -> None:
    assert not over_budget({name: estimated(text) for name, text in texts().items()})


@countable
def test_no_toolset_costs_more_than_its_budget_as_counted() -> None:
    counts = counted(list(texts().values()))
    assert not over_budget(dict(zip(texts(), counts, strict=True)))


@countable
def test_an_estimate_is_never_below_the_count_and_near_it() -> None:
    counts = dict(zip(texts(), counted(list(texts().values())), strict=True))
    for name, count in counts.items():
        if len(texts()[name]) > len("[]"):
            assert count <= estimated(texts()[name]) <= 1.25 * count, name


def test_half_of_the_tools_are_small() -> None:
    assert statistics.median(estimated(wire([t])) for t in tools()) <= MEDIAN_TOOL


def listed(name: str, **definition: object) -> Listed:
    return Listed(name.partition("_")[0], {"name": name, **definition})


def pinned(tools: list[Listed], folder: Path) -> None:
    for name, text in snapshots(tools).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        pytest.param([listed("a_x")], [listed("a_x")], set(), id="nothing"),
        pytest.param(
            [listed("a_x")],
            [listed("a_x", description="new")],
            {"a_x.json", "toolsets.json"},
            id="a-word-of-a-tool",
        ),
        pytest.param(
            [listed("a_x")], [], {"a_x.json", "toolsets.json"}, id="a-tool-is-gone"
        ),
        pytest.param(
            [], [listed("b_y")], {"b_y.json", "toolsets.json"}, id="a-tool-is-new"
        ),
    ],
)
def test_every_change_of_what_clients_see_is_drift(
    tmp_path: Path, before: list[Listed], after: list[Listed], changed: set[str]
) -> None:
    pinned(before, tmp_path)
    assert {path.name for path in drift(snapshots(after), tmp_path)} == changed


def test_costs_are_those_of_each_toolset_and_of_all_that_only_reads() -> None:
    reads = listed("a_x", annotations={"readOnlyHint": True})
    writes = listed("b_y", annotations={"readOnlyHint": False})
    assert dict(parts([writes, reads])) == {
        "a": [reads],
        "b": [writes],
        READ_ONLY: [reads],
    }


@countable
def test_words_that_are_special_to_a_model_are_counted_like_others() -> None:
    assert counted(["hello world", "<|endoftext|>"])[0] == 2
    assert counted(["<|endoftext|>"])[0] > 1
