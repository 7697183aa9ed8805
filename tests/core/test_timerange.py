from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.core.timerange import TimeRange, stamp, time_range

NOW = datetime(2026, 3, 8, 12, 30, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [
        pytest.param("7d", "2026-03-01T12:30", "2026-03-08T12:30", id="days"),
        pytest.param("24h", "2026-03-07T12:30", "2026-03-08T12:30", id="hours"),
        pytest.param("2w", "2026-02-22T12:30", "2026-03-08T12:30", id="weeks"),
        pytest.param("90 M", "2026-03-08T11:00", "2026-03-08T12:30", id="minutes"),
        pytest.param("", "2026-03-01T12:30", "2026-03-08T12:30", id="empty"),
        pytest.param(
            "2026-03-01:2026-03-03", "2026-03-01T00:00", "2026-03-03T00:00", id="A:B"
        ),
        pytest.param("2026-03-01:", "2026-03-01T00:00", "2026-03-08T12:30", id="A:"),
        pytest.param("2026-03-01", "2026-03-01T00:00", "2026-03-08T12:30", id="A"),
        pytest.param(":2026-01-31", "2026-01-01T00:00", "2026-01-31T00:00", id=":B"),
        pytest.param("7d:", "2026-03-01T12:30", "2026-03-08T12:30", id="age:"),
        pytest.param("14d:7d", "2026-02-22T12:30", "2026-03-01T12:30", id="ages"),
        pytest.param(
            "2026-03-01T10:00:2026-03-01T11:30:05",
            "2026-03-01T10:00",
            "2026-03-01T11:30:05",
            id="times",
        ),
        pytest.param(
            "2026-03-01T10:00:00+02:00:2026-03-01T10:00:00Z",
            "2026-03-01T08:00",
            "2026-03-01T10:00",
            id="zones",
        ),
        pytest.param(
            "2026-03-01 10:00..now", "2026-03-01T10:00", "2026-03-08T12:30", id="dots"
        ),
        pytest.param(
            "2026-03-01T10:00:00.250Z/2026-03-02",
            "2026-03-01T10:00:00.250",
            "2026-03-02T00:00",
            id="ISO interval",
        ),
    ],
)
def test_a_range_is_what_it_says_in_utc(text: str, start: str, stop: str) -> None:
    assert time_range(text, now=NOW) == TimeRange(at(start), at(stop))


def test_the_local_zone_of_now_does_not_shift_the_window() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    assert time_range("1d", now=tokyo) == time_range("1d", now=NOW)
    assert time_range("1d", now=tokyo).clickhouse() == {
        "startTime": "2026-03-07T12:30:00.000",
        "stopTime": "2026-03-08T12:30:00.000",
    }


def test_the_caller_says_what_nothing_means() -> None:
    assert time_range(" ", now=NOW, default="1h").start == at("2026-03-08T11:30")


@pytest.mark.parametrize(
    "text",
    [
        *("yesterday", "7", "d", ":", "..", "-7d", "7y", "1.5d", "2026-3-1:"),
        *("2026-13-01", "2026-02-30:", "2026-03-01T25:00", "2026-03-01:7d:1d"),
        *("2026-03-03:2026-03-01", "0d", "999999999w", "0001-01-01T00:00+14:00:"),
        *("\u0667d", "7d\x00", "2026-03-08T12:30", "2027-01-01:"),
    ],
)
def test_what_is_no_range_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        time_range(text, now=NOW)
    assert "A:B" in caught.value.hint


@given(st.text(alphabet="0123456789-:TZ+. dhwmnow/", max_size=40))
def test_any_text_is_a_range_in_order_or_a_bad_request(text: str) -> None:
    try:
        found = time_range(text, now=NOW)
    except BadRequest:
        return
    assert found.start < found.stop
    assert found.start.utcoffset() == found.stop.utcoffset() == timedelta(0)


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1980, 1, 1)))  # noqa: DTZ001 - hypothesis wants it so
def test_a_stamp_says_the_moment_in_utc(moment: datetime) -> None:
    read = datetime.fromisoformat(stamp(moment)).replace(tzinfo=UTC)
    assert timedelta(0) <= moment - read < timedelta(milliseconds=1)
