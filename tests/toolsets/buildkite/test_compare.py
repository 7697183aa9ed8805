from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from tests.toolsets.buildkite.stand import Stand, shared

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.simulators.buildkite.truth import Planted

Answer = dict[str, Any]
BREAKS = {"regression", "known_issue"}
"""Troubles that last from one build to the next."""


def keys(planted: Iterable[Planted]) -> set[str]:
    return {item.key for item in planted if item.trouble in BREAKS}


def broken(number: int) -> set[str]:
    """Tests that failed for good in a build, by what was planted in it."""
    truth = shared().world.truth(number)
    return {test for item in truth if item.trouble in BREAKS for test in item.tests}


def pair() -> tuple[int, int]:
    """A nightly and one before it, between which something broke or was mended."""
    nightlies = [int(number) for number in shared().world.nightlies]
    truth = shared().world.truth
    for base, build in pairwise(nightlies):
        if keys(truth(base)) != keys(truth(build)):
            return build, base
    raise AssertionError("nothing ever changes in this world")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    build, base = pair()
    stand = Stand(tmp_path_factory.mktemp("compared"))
    found = stand.whole(
        "buildkite_compare_builds", "changes", build=build, base=str(base)
    )
    assert found["error"] is None, found["error"]
    return found


def names(found: Answer, change: str) -> set[str]:
    return {row["name"] for row in found["changes"] if row["change"] == change}


def test_what_is_new_was_not_there_before(compared: Answer) -> None:
    _, base = pair()
    assert not names(compared, "new") & broken(base)


def test_what_still_fails_failed_in_both(compared: Answer) -> None:
    build, base = pair()
    lasting = broken(build) & broken(base)
    gone = names(compared, "fixed") | names(compared, "new")
    assert not gone & lasting


def test_what_is_fixed_fails_no_more(compared: Answer) -> None:
    build, _ = pair()
    assert not names(compared, "fixed") & broken(build)


def test_what_did_not_run_says_why(compared: Answer) -> None:
    rows = [row for row in compared["changes"] if row["change"] == "not_run"]
    assert all(row["why"] for row in rows)


def test_counts_are_those_of_the_changes(compared: Answer) -> None:
    listed = [row["change"] for row in compared["changes"]]
    counts = compared["counts"]
    assert {name: listed.count(name) for name in counts} == counts
    assert sum(counts.values()) == len(listed) > 0


def test_every_change_links_the_job_of_its_build(compared: Answer) -> None:
    of = {"new": "build_info", "still_failing": "build_info"}
    for row in compared["changes"]:
        where = compared[of.get(row["change"], "base_info")]
        assert row["job"]["url"].startswith(f"{where['build_url']}#")
        assert f"/{where['build_number']}/" in row["job"]["log"]


def test_the_base_is_the_finished_build_of_the_same_kind_before(stand: Stand) -> None:
    older, newer = (int(number) for number in shared().world.nightlies[-2:])
    found = stand.ask("buildkite_compare_builds", build=newer)
    assert found["base"] is None
    assert found["base_info"]["build_number"] == older
    assert found["base_info"]["nightly"]
    assert len(found["scans"]) == 2


def test_a_build_against_itself_has_nothing_new(stand: Stand) -> None:
    number = int(shared().world.nightlies[-1])
    found = stand.ask("buildkite_compare_builds", build=number, base=number)
    assert (found["counts"]["new"], found["counts"]["fixed"]) == (0, 0)


def test_the_first_build_has_none_before_it(stand: Stand) -> None:
    found = stand.ask(
        "buildkite_compare_builds", build=int(shared().world.nightlies[0])
    )
    assert found["error"]["kind"] == "not_found"
    assert "base" in found["error"]["hint"]


def test_the_scans_of_a_comparison_can_be_rendered(compared: Answer) -> None:
    assert all(scan.partition("-")[0].isdecimal() for scan in compared["scans"])
