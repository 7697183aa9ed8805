from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolsets.history.stand import Stand
from tests.toolsets.history.stories import SLOW

if TYPE_CHECKING:
    from pathlib import Path


def test_a_test_that_became_slower_is_found_with_its_build(stand: Stand) -> None:
    found = stand.ask("history_slow_tests")
    assert [one["test_id"] for one in found["slow_tests"]] == [SLOW.test_id]
    row = found["slow_tests"][0]
    assert row["before_s"] == pytest.approx(SLOW.seconds, rel=0.1)
    assert row["after_s"] == pytest.approx(SLOW.later, rel=0.1)
    assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]
    assert row["since"]["build_number"] == str(SLOW.since + 1)
    assert found["cost_s"] == pytest.approx(4.0, rel=0.1)


def test_all_tests_that_were_timed_are_looked_at(stand: Stand) -> None:
    found = stand.ask("history_slow_tests")
    assert found["coverage"]["examined"] >= 20
    assert found["outcome"] == "ok"


def test_a_ratio_may_be_asked_for(stand: Stand) -> None:
    found = stand.ask("history_slow_tests", least_ratio=5)
    assert (found["outcome"], found["cost_s"]) == ("empty", 0)


def test_tests_that_nobody_timed_are_unknown(tmp_path: Path, thin: Path) -> None:
    found = Stand(tmp_path, thin).ask("history_slow_tests")
    assert (found["outcome"], found["coverage"]["examined"]) == ("empty", 0)


def test_before_it_became_slower_there_is_nothing(stand: Stand) -> None:
    found = stand.ask("history_slow_tests", time_range="30d:5d")
    assert found["slow_tests"] == []
    assert found["notes"] == []


def test_where_no_builds_are_it_is_said_where_there_are_some(stand: Stand) -> None:
    found = stand.ask("history_slow_tests", time_range="2001-01-01..2001-02-01")
    assert found["outcome"] == "empty"
    assert "the newest is 40 of acme/ci, branch main" in found["notes"][0]
