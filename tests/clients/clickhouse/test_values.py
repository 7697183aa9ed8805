from __future__ import annotations

import math
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.clickhouse.values import converted, is_time
from sickbay.core.errors import BadRequest

NOW = datetime(2026, 3, 8, 12, 30, 15, 250_000, tzinfo=UTC)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KINDS = (
    *("UInt8", "Int64", "Float64", "Bool", "String", "FixedString(40)", "Date"),
    *("DateTime", "DateTime64(3)", "Array(String)"),
    *("Array<UInt8>", "Nullable(Int32)", "Array(Nullable(DateTime))", "UUID"),
)


def made(value: object, kind: str) -> object:
    return converted(value, kind, name="x", now=NOW)


@pytest.mark.parametrize(
    ("value", "kind", "sent"),
    [
        pytest.param(7, "Int32", 7, id="number"),
        pytest.param("7", "UInt64", 7, id="number as text"),
        pytest.param(7.0, "Int8", 7, id="whole float"),
        pytest.param(255, "UInt8", 255, id="greatest"),
        pytest.param(-128, "Int8", -128, id="least"),
        pytest.param(3, "Float32", 3.0, id="float"),
        pytest.param("0.5", "Float64", 0.5, id="float as text"),
        pytest.param("False", "Bool", False, id="bool as text"),
        pytest.param(1, "Bool", True, id="bool as number"),
        pytest.param(148612, "String", "148612", id="text as number"),
        pytest.param("pull", "Array(String)", ["pull"], id="list of one"),
        pytest.param(["1", 2], "Array(UInt8)", [1, 2], id="list"),
        pytest.param(("a",), "Array<String>", ["a"], id="other brackets"),
        pytest.param(None, "Nullable(String)", None, id="nothing"),
        pytest.param("a", "LowCardinality(Nullable(String))", "a", id="wrapped"),
    ],
)
def test_similar_values_become_those_of_the_type(
    value: object, kind: str, sent: object
) -> None:
    found = made(value, kind)
    assert found == sent
    assert type(found) is type(sent)


@pytest.mark.parametrize(
    ("value", "kind", "sent"),
    [
        pytest.param("now", "DateTime64(3)", "2026-03-08T12:30:15.250", id="now"),
        pytest.param("7d", "DateTime64(3)", "2026-03-01T12:30:15.250", id="age"),
        pytest.param(
            "2026-03-01", "DateTime64(9)", "2026-03-01T00:00:00.000", id="day"
        ),
        pytest.param(
            "2026-03-01T02:00:00+02:00",
            "DateTime64(3)",
            "2026-03-01T00:00:00.000",
            id="zone",
        ),
        pytest.param(
            datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=1))),
            "DateTime64(3)",
            "2026-03-01T00:00:00.000",
            id="object",
        ),
        pytest.param(date(2026, 3, 1), "Date", "2026-03-01", id="date"),
        pytest.param("2026-03-01T08:00:00Z", "DateTime", "2026-03-01 08:00:00", id="s"),
        pytest.param(
            "2026-03-01", "DateTime('Asia/Tokyo')", "2026-03-01 09:00:00", id="its zone"
        ),
    ],
)
def test_moments_are_sent_in_utc_whatever_the_local_zone(
    value: object, kind: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    assert made(value, kind) == sent


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param(256, "UInt8", id="too great"),
        pytest.param(-1, "UInt64", id="below zero"),
        pytest.param(1.5, "Int32", id="not whole"),
        pytest.param(math.inf, "Int32", id="infinite"),
        pytest.param(math.nan, "Float64", id="no number"),
        pytest.param(True, "Int32", id="bool as number"),
        pytest.param("yes", "Bool", id="word"),
        pytest.param(True, "String", id="bool as text"),
        pytest.param({"a": 1}, "String", id="object as text"),
        pytest.param(None, "String", id="nothing"),
        pytest.param("yesterday", "DateTime64(3)", id="no moment"),
        pytest.param(1_700_000_000, "DateTime", id="seconds as moment"),
        pytest.param("", "Date", id="empty moment"),
        pytest.param("now", "DateTime('No/Where')", id="no zone"),
        pytest.param(["a", None], "Array(String)", id="nothing in a list"),
    ],
)
def test_other_values_are_refused_with_the_name_of_the_parameter(
    value: object, kind: str
) -> None:
    with pytest.raises(BadRequest, match=r"^x: "):
        made(value, kind)


@given(value=ANYTHING, kind=st.sampled_from(KINDS))
def test_any_value_is_converted_or_refused_and_nothing_else(
    value: object, kind: str
) -> None:
    with suppress(BadRequest):
        found = made(value, kind)
        assert made(found, kind) == found


def test_types_of_moments_are_told_from_others() -> None:
    times = ("Date", "Date32", "DateTime", "DateTime64(3)", "Nullable(DateTime('UTC'))")
    assert all(map(is_time, times))
    assert not any(map(is_time, ("String", "Array(DateTime)", "Dates")))
