from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.history.delta.retention import ROOM, going
from sickbay.history.face import Keep

Row = dict[str, Any]
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _row(build: object, ingestion: int, age_days: float = 0, rows: int = 99) -> Row:
    return {
        "build_id": str(build),
        "ingest_id": ingestion,
        "created_at": NOW - timedelta(days=age_days),
        "jobs": 0,
        "results": rows,
        "causes": None,
    }


def test_the_last_ingestion_of_a_build_stays() -> None:
    rows = [_row("a", 3), _row("a", 1), _row("b", 4), _row("a", 2)]

    found = going(rows, keep=Keep(), now=NOW, size=0)

    assert found.superseded == {1, 2}
    assert not found.expired


def test_builds_too_old_go() -> None:
    rows = [_row(age, age, age_days=age) for age in range(1, 6)]

    found = going(rows, keep=Keep(age=timedelta(days=3)), now=NOW, size=0)

    assert found.expired == {4, 5}


def test_the_oldest_go_where_there_is_no_room() -> None:
    rows = [_row(age, age, age_days=age) for age in range(1, 11)]

    found = going(rows, keep=Keep(bytes=500), now=NOW, size=1000)

    assert found.full
    assert found.expired == set(range(5, 11))  # 0.9 x 500 bytes hold four of them


def test_there_is_room_until_there_is_none() -> None:
    rows = [_row(age, age, age_days=age) for age in range(1, 11)]

    assert not going(rows, keep=Keep(bytes=1000), now=NOW, size=1000).all


@pytest.mark.parametrize(
    ("replaced", "pays"),
    [pytest.param(1, False, id="one of a hundred"), pytest.param(20, True, id="many")],
)
def test_what_is_little_waits(replaced: int, *, pays: bool) -> None:
    rows = [_row(build, build) for build in range(100)]
    rows += [_row(build, 100 + build) for build in range(replaced)]

    assert going(rows, keep=Keep(), now=NOW, size=0).pays is pays


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(0, 50), st.integers(0, 99)),
        unique_by=lambda row: row[1],
    ),
    st.none() | st.integers(0, 50),
    st.none() | st.integers(1, 5000),
)
def test_of_each_build_that_stays_the_last_ingestion_stays(
    drawn: list[tuple[int, int, int]], age: int | None, size: int | None
) -> None:
    rows = [_row(build, number, number, rows=n) for build, number, n in drawn]
    keep = Keep(age=None if age is None else timedelta(days=age), bytes=size)
    taken = sum(1 + row["results"] for row in rows)

    found = going(rows, keep=keep, now=NOW, size=taken)

    stays = [row for row in rows if row["ingest_id"] not in found.all]
    newest = {row["build_id"]: row["ingest_id"] for row in sorted(rows, key=_number)}
    assert all(newest[row["build_id"]] == row["ingest_id"] for row in stays)
    assert len({row["build_id"] for row in stays}) == len(stays)
    if size is not None and found.full:
        assert sum(1 + row["results"] for row in stays) <= ROOM * size


def _number(row: Row) -> int:
    return int(row["ingest_id"])
