from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.toolsets.history.analysis.values import rows, value

MOMENT = datetime(2026, 6, 1, 12, tzinfo=UTC)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.decimals()
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas()
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        pytest.param(None, None, id="unknown"),
        pytest.param(True, True, id="truth"),
        pytest.param(2**62, 2**62, id="number"),
        pytest.param(float("nan"), None, id="no number"),
        pytest.param(Decimal(10**30), 10**30, id="sum"),
        pytest.param(Decimal("0.25"), 0.25, id="fraction"),
        pytest.param(Decimal("NaN"), None, id="no decimal"),
        pytest.param(MOMENT, "2026-06-01T12:00:00Z", id="moment"),
        pytest.param(date(2026, 6, 1), "2026-06-01", id="day"),
        pytest.param(time(12, 30), "12:30:00", id="time"),
        pytest.param(timedelta(minutes=2), 120.0, id="length"),
        pytest.param(b"ab", "YWI=", id="bytes"),
        pytest.param({"a": [MOMENT]}, {"a": ["2026-06-01T12:00:00Z"]}, id="nested"),
    ],
)
def test_values_become_what_json_has(raw: object, shown: object) -> None:
    assert value(raw) == shown


@given(
    st.recursive(
        SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_value_is_json(raw: object) -> None:
    json.dumps(value(raw), allow_nan=False)


def test_columns_become_rows() -> None:
    assert rows([[1, 2], ["a", None]]) == ((1, "a"), (2, None))
    assert rows([]) == ()
