from __future__ import annotations

import pytest

from sickbay.toolsets.hud.analysis.table import cells, table


def test_columns_are_in_the_order_in_which_they_turn_up() -> None:
    columns, rows = table([{"b": 1, "a": 2}, {"a": 3, "c": 4}])
    assert columns == ("b", "a", "c")
    assert rows == ((1, 2, None), (None, 3, 4))
    assert table([]) == ((), ())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("1970-01-01T00:00:00.000000000Z", None, id="epoch"),
        pytest.param("1970-01-01 00:00:00", None, id="epoch without zone"),
        pytest.param("1970-01-01", None, id="epoch day"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="null"),
        pytest.param(
            "2026-03-01T10:00:00.000000000Z", "2026-03-01T10:00:00Z", id="nanoseconds"
        ),
        pytest.param(
            "2026-03-01T10:00:00.120000000Z", "2026-03-01T10:00:00.12Z", id="fraction"
        ),
        pytest.param("2026-03-01T10:00:00.500", "2026-03-01T10:00:00.5", id="no zone"),
        pytest.param("2026-03-01T00:00:10Z", "2026-03-01T00:00:10Z", id="whole"),
        pytest.param("2026-03-10", "2026-03-10", id="day"),
    ],
)
def test_a_moment_that_is_none_is_not_1970(said: str | None, meant: str | None) -> None:
    assert cells([[said], ["2026-03-02T00:00:00Z"]])[0][0] == meant


def test_texts_that_are_no_moments_stay_as_they_are() -> None:
    rows: list[list[object]] = [
        ["", "1970-01-01"],
        ["1970-01-01T00:00:00Z", "a log line"],
        [7, ""],
    ]
    assert cells(rows) == tuple(tuple(row) for row in rows)
