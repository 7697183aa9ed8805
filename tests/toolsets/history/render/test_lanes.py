from __future__ import annotations

import pytest

from sickbay.toolsets.history.models.story import (
    BuildStory,
    JobStory,
    Stretch,
    Verdict,
)
from sickbay.toolsets.history.models.window import BuildFact
from sickbay.toolsets.history.render.lanes import (
    change_at,
    credible_at,
    lanes,
    mark,
    together,
)


def build(number: str, status: str, *jobs: tuple[str, str]) -> BuildStory:
    return BuildStory(
        build_number=number,
        test_status=mark(status),
        jobs=tuple(
            JobStory(job_name=variant, variant=variant, status=ended, attempt=at)
            for at, (variant, ended) in enumerate(jobs)
        ),
    )


BUILDS = (
    build("1", "pass", ("a", "pass"), ("b", "pass")),
    build("2", "flaky", ("a", "fail"), ("a", "pass"), ("b", "pass")),
    build("3", "absent"),
    build("4", "fail", ("b", "fail"), ("a", "infra")),
)
ROWS = lanes(BUILDS)


def test_all_of_the_test_is_above_its_variants() -> None:
    assert [lane.label for lane in ROWS] == ["all", "a", "b"]
    assert ROWS[0].marks == ("pass", "flaky", "absent", "fail")


def test_a_variant_has_the_outcomes_of_its_own_attempts() -> None:
    assert ROWS[1].marks == ("pass", "flaky", "absent", "infra")
    assert ROWS[1].attempts == (("pass",), ("fail", "pass"), (), ("infra",))
    assert ROWS[2].marks == ("pass", "pass", "absent", "fail")


def test_one_variant_needs_no_row_of_its_own() -> None:
    one = lanes([build("1", "flaky", ("a", "fail"), ("a", "pass"))])
    assert [(lane.label, lane.attempts) for lane in one] == [
        ("all", (("fail", "pass"),))
    ]


def test_a_test_that_never_ran_still_has_a_row() -> None:
    assert [lane.marks for lane in lanes([build("1", "absent")])] == [("absent",)]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        (("pass", "fail"), "flaky"),
        (("flaky", "pass"), "flaky"),
        (("fail", "infra"), "fail"),
        (("infra", "pass"), "pass"),
        (("infra", "absent"), "infra"),
        ((), "absent"),
    ],
)
def test_attempts_are_put_together(marks: tuple[str, ...], expected: str) -> None:
    assert together([mark(one) for one in marks]) == expected


def test_a_word_of_no_outcome_says_nothing() -> None:
    assert mark("skipped") == "absent"


def test_the_change_is_where_its_build_is() -> None:
    stretch = Stretch(
        first=BuildFact(build_number="2"), last=BuildFact(build_number="4"), builds=3
    )
    verdict = Verdict(transition_build="4", credible_range=stretch)
    assert change_at(BUILDS, verdict) == 3
    assert credible_at(BUILDS, verdict) == range(1, 4)


def test_a_change_that_began_before_what_is_drawn_begins_with_it() -> None:
    stretch = Stretch(
        first=BuildFact(build_number="0"), last=BuildFact(build_number="2"), builds=3
    )
    verdict = Verdict(transition_build="0", credible_range=stretch)
    assert change_at(BUILDS, verdict) is None
    assert credible_at(BUILDS, verdict) == range(2)


def test_without_a_change_nothing_is_marked() -> None:
    assert change_at(BUILDS, Verdict()) is None
    assert not credible_at(BUILDS, Verdict())
