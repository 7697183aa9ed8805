from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolsets.history.stand import Stand, filled
from tests.toolsets.history.stories import BREAKS, FLAKY, MENDED, STEADY, Story, told

if TYPE_CHECKING:
    from pathlib import Path

TOOL = "history_flaky_tests"
WORSE = Story("t/test_d.py::test_worse", fails=range(0, 40, 2), message="again")


def test_what_fails_now_and_then_is_flaky_and_what_broke_is_not(stand: Stand) -> None:
    found = stand.whole(TOOL, "flaky")
    names = [row["test_id"] for row in found["flaky"]]
    assert names == [FLAKY.test_id]
    assert found["failing"] >= 3


def test_a_row_says_how_flaky_and_what_that_rests_on(stand: Stand) -> None:
    (row,) = stand.ask(TOOL)["flaky"]
    assert 0 < row["low"] < row["score"] < row["high"] < 1
    assert (row["rate"]["failed"], row["rate"]["of"]) == (6, 40)
    assert row["builds"] == 40
    assert row["failed_builds"] == 6
    assert row["flips"]["failed"] == 12
    assert row["variants"] == ["unit tests"]
    assert row["signature"] == "sig-maybe"
    assert row["last_failed_at"] > row["first_failed_at"]
    assert row["why"]


def test_the_time_of_its_failures_is_what_it_costs(stand: Stand) -> None:
    found = stand.ask(TOOL)
    assert found["flaky"][0]["lost_minutes"] == pytest.approx(0.1, abs=0.01)
    assert found["lost_minutes"] == found["flaky"][0]["lost_minutes"]


def test_the_surest_is_first(tmp_path: Path) -> None:
    records = told([FLAKY, WORSE, BREAKS, MENDED, *STEADY])
    found = Stand(tmp_path, filled(tmp_path / "kept", records)).ask(TOOL)
    assert [row["test_id"] for row in found["flaky"]] == [WORSE.test_id, FLAKY.test_id]
    assert found["flaky"][0]["low"] > found["flaky"][1]["low"]


def test_scores_below_the_least_are_left_out(stand: Stand) -> None:
    found = stand.ask(TOOL, least_score=0.9)
    assert (found["outcome"], found["flaky"]) == ("empty", [])
    assert found["failing"] >= 3


def test_only_builds_in_the_time_count(stand: Stand) -> None:
    found = stand.ask(TOOL, time_range="20h")
    assert found["flaky"] == []


def test_an_empty_history_says_how_to_fill_it(tmp_path: Path) -> None:
    error = Stand(tmp_path, tmp_path / "none").ask(TOOL)["error"]
    assert error["kind"] == "not_found"
    assert "sickbay ingest" in error["hint"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"time_range": "2001-01-01..2001-02-01"}, "no builds in this time"),
        ({"branch": "nobodys"}, "no builds of branch nobodys"),
    ],
)
def test_where_there_are_no_builds_it_says_where_there_are(
    stand: Stand, given: dict[str, str], expected: str
) -> None:
    found = stand.ask(TOOL, **given)
    assert (found["outcome"], found["flaky"]) == ("empty", [])
    assert expected in found["notes"][0]
