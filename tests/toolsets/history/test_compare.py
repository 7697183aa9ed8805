from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.toolsets.history.stand import Stand
from tests.toolsets.history.stories import BREAKS, MENDED, NOW, SLOW

if TYPE_CHECKING:
    from pathlib import Path

Answer = dict[str, Any]
LAST = 40


def changes(found: Answer, kind: str) -> set[str]:
    assert found["error"] is None, found["error"]
    return {row["test_id"] for row in found["changes"] if row["change"] == kind}


def period(first: int, last: int) -> str:
    """From before one build of the trunk until after another, by their numbers."""
    start, stop = (
        NOW - timedelta(hours=1) - timedelta(hours=6) * (LAST - number)
        for number in (first, last)
    )
    return f"{start - timedelta(hours=1):%Y-%m-%dT%H:%MZ}..{stop:%Y-%m-%dT%H:%MZ}"


@pytest.fixture(scope="module")
def periods(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Answer:
    stand = Stand(tmp_path_factory.mktemp("stand"), store)
    found: Answer = stand.whole(
        "history_compare", "changes", one=period(31, 40), other=period(11, 30)
    )
    return found


def test_what_broke_between_two_periods_is_newly_failing(periods: Answer) -> None:
    assert BREAKS.test_id in changes(periods, "newly_failing")


def test_what_was_mended_between_them_is_fixed(periods: Answer) -> None:
    assert MENDED.test_id in changes(periods, "fixed")


def test_what_takes_longer_is_slower_by_how_much(periods: Answer) -> None:
    row = next(r for r in periods["changes"] if r["test_id"] == SLOW.test_id)
    assert row["change"] == "slower"
    assert row["seconds"] == pytest.approx(6.0, rel=0.1)
    assert row["rate"] is None


def test_what_is_the_same_is_not_listed(periods: Answer) -> None:
    assert not any("test_c.py" in row["test_id"] for row in periods["changes"])


def test_rates_are_of_the_builds_of_their_side(periods: Answer) -> None:
    row = next(r for r in periods["changes"] if r["test_id"] == BREAKS.test_id)
    assert (row["rate"], row["builds"]) == (1.0, 10)
    assert (row["base_rate"], row["base_builds"]) == (0.0, 20)
    assert row["significant"]
    assert row["probability"] > 0.99


def test_sides_say_which_builds_they_are(periods: Answer) -> None:
    new, base = periods["new_side"], periods["base_side"]
    assert (new["builds"], base["builds"]) == (10, 20)
    ends = (new["first"]["build_number"], new["last"]["build_number"])
    assert ends == ("31", "40")


def test_counts_are_those_of_the_changes(periods: Answer) -> None:
    for kind, count in periods["counts"].items():
        if not kind.startswith("only_"):
            assert len(changes(periods, kind)) == count


def test_a_build_is_compared_with_those_before_it(stand: Stand) -> None:
    found = stand.ask("history_compare", one=31)
    assert found["base_side"]["builds"] == 20
    assert found["base_side"]["last"]["build_number"] == "30"
    assert BREAKS.test_id in changes(found, "newly_failing")


def test_a_build_is_found_by_its_address_too(stand: Stand) -> None:
    numbered, addressed = stand.ask_all(
        ("history_compare", {"one": "31"}),
        ("history_compare", {"one": "https://ci.example/acme/ci/31"}),
    )
    assert numbered["changes"] == addressed["changes"]


def test_a_period_is_compared_with_the_one_before(stand: Stand) -> None:
    found = stand.ask("history_compare", one="3d")
    assert found["base_side"]["builds"] == found["new_side"]["builds"] == 12


def test_a_branch_is_compared_with_the_trunk(stand: Stand) -> None:
    found = stand.ask("history_compare", one="branch:topic")
    assert found["new_side"]["builds"] == 6
    assert found["base_side"]["builds"] == 20
    assert MENDED.test_id not in changes(found, "newly_failing")


def test_the_trunk_against_itself_asks_for_another(stand: Stand) -> None:
    found = stand.ask("history_compare", one="branch:main")
    assert found["error"]["kind"] == "bad_request"
    assert "other" in found["error"]["hint"]


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        pytest.param({"one": "99999"}, "not_found", id="no such build"),
        pytest.param({"one": "branch:nobody"}, "not_found", id="no such branch"),
        pytest.param({"one": "2001-01-01..2001-02-01"}, "not_found", id="long ago"),
        pytest.param({"one": "1", "other": None}, "not_found", id="the first build"),
        pytest.param({"one": ""}, "bad_request", id="nothing"),
        pytest.param(
            {"one": "7d", "pipeline": "no/such"}, "not_found", id="no such pipeline"
        ),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(
    stand: Stand, arguments: dict[str, Any], kind: str
) -> None:
    found = stand.ask("history_compare", **arguments)
    assert found["error"]["kind"] == kind
    assert found["error"]["hint"]


def test_a_period_without_builds_is_told_when_there_are_some(stand: Stand) -> None:
    found = stand.ask("history_compare", one="2001-01-01..2001-02-01")
    assert "the newest is 40 of acme/ci" in found["error"]["hint"]


def test_builds_on_both_sides_are_said(stand: Stand) -> None:
    found = stand.ask("history_compare", one="40", other="2d")
    assert "both sides" in " ".join(found["notes"])


def test_only_one_kind_of_change_is_given_if_it_is_asked_for(stand: Stand) -> None:
    both = {"one": period(31, 40), "other": period(11, 30)}
    found = stand.ask("history_compare", **both, change="fixed")
    assert {row["change"] for row in found["changes"]} == {"fixed"}
    assert found["counts"]["newly_failing"]


def test_a_test_that_only_failures_are_known_of_is_newly_failing(
    tmp_path: Path, thin: Path
) -> None:
    found = Stand(tmp_path, thin).ask("history_compare", one="31")
    assert BREAKS.test_id in changes(found, "newly_failing")
    row = next(r for r in found["changes"] if r["test_id"] == BREAKS.test_id)
    assert (row["base_rate"], row["base_builds"]) == (0.0, 20)
