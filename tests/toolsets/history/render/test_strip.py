from __future__ import annotations

import pytest

from sickbay.render.plain import Paint, columns
from sickbay.toolsets.history.models.story import (
    BuildStory,
    JobStory,
    Stretch,
    Verdict,
)
from sickbay.toolsets.history.models.window import BuildFact
from sickbay.toolsets.history.render.lanes import MARKS, MEANINGS
from sickbay.toolsets.history.render.strip import ROWS, Sheet, strip

PLAIN = Sheet(Paint(colour=False), width=80)
NEWEST_FIRST = tuple(
    BuildStory(
        build_number=str(number),
        test_status="fail" if number > 6 else "pass",
        jobs=tuple(
            JobStory(job_name=name, variant=name, status="pass") for name in "ab"
        ),
    )
    for number in range(10, 0, -1)
)
CHANGED = Verdict(
    transition_build="7",
    credible_range=Stretch(
        first=BuildFact(build_number="6"), last=BuildFact(build_number="8"), builds=3
    ),
)


def test_time_goes_from_left_to_right() -> None:
    rows = strip(NEWEST_FIRST, CHANGED, PLAIN).splitlines()
    assert rows[0] == "all ✓✓✓✓✓✓✗✗✗✗"
    assert rows[1] == "a   ✓✓✓✓✓✓✓✓✓✓"


def test_the_change_and_where_else_it_may_be_are_marked_below() -> None:
    rows = strip(NEWEST_FIRST, CHANGED, PLAIN).splitlines()
    assert rows[3] == "         -^-"
    assert rows[-1] == "^ changed with build 7, - where it may be as well (90 %)"


def test_without_a_change_nothing_is_marked() -> None:
    shown = strip(NEWEST_FIRST, Verdict(), PLAIN)
    assert "^" not in shown
    assert shown.splitlines()[-1].startswith("oldest first")


def test_where_there_is_no_room_the_newest_remain() -> None:
    sheet = Sheet(Paint(colour=False), width=9)
    rows = strip(NEWEST_FIRST, CHANGED, sheet).splitlines()
    assert rows[0] == "all ✓✗✗✗✗"
    assert "no room for 5 older builds" in rows


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_row_is_wider_than_the_terminal(width: int) -> None:
    story = tuple(
        BuildStory(
            build_number=str(number),
            test_status=status,
            jobs=(
                JobStory(job_name="j", variant="a-long-name-of-a-job", status="pass"),
                JobStory(job_name="j", variant="b", status="fail"),
            ),
        )
        for number, status in enumerate(MARKS)
    )
    shown = strip(story, CHANGED, Sheet(Paint(colour=False), width=width))
    assert all(columns(row) <= width for row in shown.splitlines())
    for words in MEANINGS.values():
        assert words.split()[0] in shown


def test_ascii_will_do() -> None:
    shown = strip(NEWEST_FIRST, CHANGED, Sheet(Paint(colour=False), plain=True))
    assert shown.isascii()
    assert "OOOOOOXXXX" in shown


def test_colours_are_codes_around_the_same_signs() -> None:
    shown = strip(NEWEST_FIRST, CHANGED, Sheet(Paint(colour=True)))
    assert "\x1b[1;31m✗\x1b[0m" in shown


@pytest.mark.parametrize("count", [ROWS - 1, ROWS + 3])
def test_there_are_only_so_many_variants(count: int) -> None:
    jobs = tuple(
        JobStory(job_name="j", variant=f"v{n:02}", status="pass") for n in range(count)
    )
    shown = strip([BuildStory(build_number="1", jobs=jobs)], Verdict(), PLAIN)
    hidden = count + 1 - ROWS
    assert ("no room for" in shown) == (hidden > 0)


def test_attack_a_hostile_variant_draws_nothing_of_its_own() -> None:
    evil = "\x1b[2J\u202ewide\u6f22" * 9
    jobs = (
        JobStory(job_name=evil, variant=evil, status="pass"),
        JobStory(job_name="b", variant="b", status="pass"),
    )
    shown = strip([BuildStory(build_number="1", jobs=jobs)], Verdict(), PLAIN)
    assert "\x1b" not in shown
    assert all(columns(row) <= 80 for row in shown.splitlines())
