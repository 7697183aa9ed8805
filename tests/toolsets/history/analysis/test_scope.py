from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sickbay.ci.history.assessment import assessed
from sickbay.ci.history.culprit import RARELY, Flakes, Trial
from sickbay.ci.history.models import BuildPoint, Observation
from sickbay.toolsets.history.analysis.scope import scope_between, scope_of

if TYPE_CHECKING:
    from sickbay.ci.history.models import Outcome

OUTCOMES: dict[str, Outcome] = {
    ".": "pass",
    "x": "fail",
    "~": "flaky",
    "i": "infra",
    "-": "absent",
}


def observed(story: str) -> tuple[Observation, ...]:
    """A letter for each build: see ``OUTCOMES``."""
    return tuple(
        Observation(
            build=BuildPoint(build_id=f"b{at}", number=str(at), sha=f"s{at}"),
            outcome=OUTCOMES[letter],
            trials=int(letter in ".x~"),
            failures=int(letter in "x~"),
        )
        for at, letter in enumerate(story)
    )


def test_a_clear_change_is_between_the_last_pass_and_the_first_failure() -> None:
    story = observed("." * 40 + "x" * 12)
    change = assessed(story).change
    assert change is not None
    scope = scope_of(story, change)
    assert scope is not None
    numbers = [build.number for build in scope.builds]
    assert {"39", "40"} <= set(numbers)
    assert len(numbers) <= 6


def test_builds_that_say_nothing_are_suspected_and_prove_nothing() -> None:
    story = observed("." * 40 + "-i-" + "x" * 12)
    change = assessed(story).change
    assert change is not None
    scope = scope_of(story, change)
    assert scope is not None
    assert {"40", "41", "42"} <= {build.number for build in scope.builds}
    assert all(one.observed for one in scope.inside)


def test_what_is_broken_from_the_start_has_no_good_build() -> None:
    story = observed("x" * 10)
    assert scope_between(story, "b3", "b2") is None
    assert scope_between(story, "b0", "b99") is None
    change = assessed(observed("x" * 3 + "." * 30)).change
    assert change is None or not change.rising


def test_what_is_older_than_several_passes_is_no_suspect_where_it_broke() -> None:
    scope = scope_between(observed(".x...-xx"), "b0", "b6")
    assert scope is not None
    assert [build.number for build in scope.builds] == ["2", "3", "4", "5", "6"]
    assert scope.flakes == Flakes(passes=2, failures=1)
    few = scope_between(observed(".x.x-xx"), "b0", "b5")
    assert few is not None
    assert few.last_good.number == "0"


def test_runs_count_where_they_are() -> None:
    scope = scope_between(observed("..x.~xxx.x"), "b4", "b6")
    assert scope is not None
    assert (scope.last_good.number, scope.first_bad.number) == ("4", "6")
    assert scope.flakes == Flakes(passes=4, failures=2)
    places = {"s5": 0, "s6": 1}
    assert list(scope.trials(places)) == [
        Trial(place=0, failures=1),
        Trial(place=1, failures=1),
        Trial(place=1, failures=1),
        Trial(place=1, passes=1),
        Trial(place=1, failures=1),
    ]


def test_how_often_it_passes_though_broken_is_counted_behind_the_range() -> None:
    scope = scope_between(observed("...xx.xx"), "b2", "b3")
    assert scope is not None
    assert scope.false_pass == pytest.approx(1 / 4)
    surely = scope_between(observed("...xxxx"), "b2", "b3")
    assert surely is not None
    assert surely.false_pass == RARELY
