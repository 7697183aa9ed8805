from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.toolsets.history.stand import Stand
from tests.toolsets.history.stories import BREAKS, FLAKY, MENDED

if TYPE_CHECKING:
    from pathlib import Path

Answer = dict[str, Any]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Answer:
    stand = Stand(tmp_path_factory.mktemp("stand"), store)
    answer: Answer = stand.whole("history_clusters", "clusters", time_range="30d")
    assert answer["error"] is None, answer["error"]
    return answer


def cluster(found: Answer, text: str) -> Answer:
    return next(one for one in found["clusters"] if one["text"] == text)


def test_failures_of_one_cause_are_one_cluster(found: Answer) -> None:
    broken = cluster(found, MENDED.message)
    assert (broken["failures"], broken["builds"]) == (14, 14)
    assert broken["tests"] == [MENDED.test_id]
    assert broken["jobs"] == ["unit tests"]


def test_a_cluster_says_when_it_was_seen_first_and_last(found: Answer) -> None:
    broken = cluster(found, MENDED.message)
    assert broken["first_seen"]["build_number"] == "9"
    assert broken["last_seen"]["build_number"] == "22"


def test_what_began_is_told_from_what_ended(found: Answer) -> None:
    assert cluster(found, BREAKS.message)["trend"] == "new"
    assert cluster(found, MENDED.message)["trend"] == "gone"


def test_counts_are_those_of_the_trends(found: Answer) -> None:
    trends = [one["trend"] for one in found["clusters"]]
    assert {way: trends.count(way) for way in found["counts"]} == found["counts"]
    assert sum(one["failures"] for one in found["clusters"]) == found["failures"]


def test_a_cluster_shows_an_example_with_its_log(found: Answer) -> None:
    broken = cluster(found, BREAKS.message)
    assert BREAKS.message in broken["excerpt"]
    assert broken["log"].startswith("log:main/")


def test_one_test_has_its_own_causes_only(stand: Stand) -> None:
    found = stand.ask("history_clusters", test_nodeid=FLAKY.test_id, time_range="30d")
    assert [one["text"] for one in found["clusters"]] == [FLAKY.message]


def test_only_one_trend_is_given_if_it_is_asked_for(stand: Stand) -> None:
    found = stand.ask("history_clusters", trend="gone", time_range="30d")
    assert {one["trend"] for one in found["clusters"]} == {"gone"}


def test_a_time_without_failures_is_empty(stand: Stand) -> None:
    found = stand.ask("history_clusters", time_range="2001-01-01..2001-02-01")
    assert (found["outcome"], found["clusters"]) == ("empty", [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            {"time_range": "2001-01-01..2001-02-01"}, "in this time", id="time"
        ),
        pytest.param({"branch": "nobody"}, "of branch nobody", id="branch"),
        pytest.param({"pipeline": "no/such"}, "of no/such", id="pipeline"),
    ],
)
def test_where_no_builds_are_it_is_said_where_there_are_some(
    stand: Stand, arguments: dict[str, str], said: str
) -> None:
    note = stand.ask("history_clusters", **arguments)["notes"][0]
    assert note.startswith(f"There are no builds {said}; the newest is ")
    _, timely, time_range = note.rstrip(".").partition("ask for the time range ")
    assert bool(timely) == (said == "in this time")
    if not timely:
        return
    again = {"branch": "*", "time_range": time_range}
    assert stand.ask("history_clusters", **again)["coverage"]["examined"] == 46


def test_other_branches_have_failures_of_their_own(stand: Stand) -> None:
    trunk, every = stand.ask_all(
        ("history_clusters", {"time_range": "30d"}),
        ("history_clusters", {"time_range": "30d", "branch": "*"}),
    )
    assert every["coverage"]["examined"] == trunk["coverage"]["examined"] + 6
