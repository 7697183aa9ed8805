from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.toolsets.hud.analysis.suites import (
    disabled_day,
    flaky_test,
    from_row,
    moment,
    platforms_of,
    transitions,
    worst_first,
)
from sickbay.toolsets.hud.models.tests import StatusChange

NOW = datetime(2026, 5, 9, tzinfo=UTC)
ROW = {
    "name": "test_a",
    "suite": "TestA",
    "numGreen": 3,
    "numRed": "1",
    "jobNames": ["x", "x", "y"],
    "jobIds": [7],
    "sampleTraceback": "Traceback\n  in f\nValueError: no\n\n",
}


def test_a_flaky_test_says_how_often_and_what_was_raised() -> None:
    found = flaky_test(ROW, {"test_a (__main__.TestA)": 5})
    assert (found.green, found.red, found.red_share) == (3, 1, 0.25)
    assert (found.jobs, found.jobs_total, found.job_id) == (("x", "y"), 2, 7)
    assert (found.traceback, found.disabled_by) == ("ValueError: no", 5)


def test_what_a_row_does_not_say_is_unknown_not_made_up() -> None:
    found = flaky_test({}, {})
    assert (found.red_share, found.job_id, found.traceback) == (None, None, None)
    empty = from_row({"updated_at": "1970-01-01T00:00:00.000Z"}, now=NOW)
    assert (empty.updated_at, empty.quiet_days, empty.issue) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "platforms"),
    [
        pytest.param("Platforms: linux, ROCm", ("linux", "rocm"), id="two"),
        pytest.param("a\n  b\nplatforms: win\nc", ("win",), id="in the middle"),
        pytest.param("Platforms:\nlinux", (), id="none"),
        pytest.param("It runs on linux", (), id="no such line"),
    ],
)
def test_platforms_are_those_that_the_issue_names(
    body: str, platforms: tuple[str, ...]
) -> None:
    assert platforms_of(body) == platforms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(
            "2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC), id="z"
        ),
        pytest.param(
            "2026-05-01 10:00:00", datetime(2026, 5, 1, 10, tzinfo=UTC), id="bare"
        ),
        pytest.param(
            "2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC), id="zone"
        ),
        pytest.param("", None, id="empty"),
        pytest.param("soon", None, id="no time"),
        pytest.param(None, None, id="null"),
    ],
)
def test_times_are_in_utc_and_the_epoch_is_none(
    text: str | None, found: datetime | None
) -> None:
    assert moment(text) == found


def test_new_failures_come_first_and_are_counted() -> None:
    made = [
        StatusChange(test="a", suite="s", file="f", job="j", before=b, after=a)
        for b, a in (("", "success"), ("", "failure"), ("success", "failure"))
    ]
    ranked = sorted(made, key=worst_first)
    assert (ranked[0].before, ranked[0].after) == ("success", "failure")
    assert transitions(made) == {
        "not run -> success": 1,
        "not run -> failure": 1,
        "success -> failure": 1,
    }


@given(st.text(), st.text())
def test_any_text_is_read(body: str, time: str) -> None:
    assert all(platforms_of(body))
    found = moment(time)
    assert found is None or found.tzinfo is UTC


def test_a_day_of_the_history_is_a_date() -> None:
    found = disabled_day({"day": "2026-05-01T00:00:00Z", "count": "3"})
    assert (found.day.isoformat(), found.count, found.new) == ("2026-05-01", 3, 0)


@pytest.mark.parametrize("odd", [None, [None], {"a": 1}, 7])
def test_a_disabled_test_has_texts_whatever_its_row_has(odd: object) -> None:
    names = ("name", "html_url", "assignee", "body")
    found = from_row(dict.fromkeys(names, odd), now=datetime(2026, 5, 1, tzinfo=UTC))
    assert isinstance(found.name, str)
    assert found.assignee == found.url == (None if odd is None else str(odd))
