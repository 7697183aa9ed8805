from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

import pytest
from msgspec.structs import replace

from sickbay.history.rows import batch, ingest_ids
from tests.history.drawn import NOW, drawn


def row_of(table: str, **changed: object) -> dict[str, object]:
    """The first row of a table, of a build with something odd in it."""
    record = next(one for one in drawn(1) if one.results and one.jobs)
    if table == "builds":
        record = replace(record, **changed)
    else:
        (first, *rest) = getattr(record, table)
        record = replace(record, **{table: (replace(first, **changed), *rest)})
    row: dict[str, object] = batch([record], count(), NOW).tables[table].to_pylist()[0]
    return row


@pytest.mark.parametrize(
    ("table", "name", "value"),
    [
        pytest.param("results", "duration_s", 1e308, id="longer-than-the-column-holds"),
        pytest.param("results", "duration_s", float("nan"), id="no-number"),
        pytest.param("jobs", "duration_s", -3.0, id="a-clock-that-went-back"),
        pytest.param("jobs", "queue_s", float("inf"), id="endless"),
        pytest.param("jobs", "attempt", 10**11, id="attempts"),
        pytest.param("jobs", "exit_status", -(10**20), id="exit-status"),
        pytest.param("builds", "pull_request", 10**30, id="pull-request"),
    ],
)
def test_a_number_that_cannot_be_is_not_known(
    table: str, name: str, value: float
) -> None:
    assert row_of(table, **{name: value})[name] is None


def test_numbers_that_can_be_stay() -> None:
    row = row_of("jobs", duration_s=0.0, attempt=2**31 - 1, exit_status=-(2**31))
    assert (row["duration_s"], row["attempt"], row["exit_status"]) == (
        *(0.0, 2**31 - 1, -(2**31)),
    )


def test_half_a_character_is_replaced_and_the_build_is_kept() -> None:
    assert row_of("builds", title="a \ud83d b")["title"] == "a ? b"


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
def test_a_time_that_no_build_has_is_not_counted_with(year: int) -> None:
    odd = datetime(year, 1, 1, tzinfo=UTC)
    dated = row_of("builds", committed_at=odd, created_at=NOW)
    assert (dated["committed_at"], dated["ordered_at"]) == (None, NOW)
    begun = row_of("builds", committed_at=None, created_at=odd)
    assert (begun["created_at"], begun["ordered_at"]) == (NOW, NOW)


def test_a_name_without_end_is_cut() -> None:
    row = row_of("results", test_id="\u6f22" * 1_000_000)
    assert row["test_id"] == "\u6f22" * 4_000


def test_ingestions_are_numbered_upwards_though_the_clock_goes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter([2_000_000_000_000_000_000, 1_000_000_000_000_000_000])
    monkeypatch.setattr("time.time_ns", lambda: next(clock))
    numbers = ingest_ids()
    assert next(numbers) < next(numbers)
