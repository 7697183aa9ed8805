from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.clients.clickhouse.database import Database
from sickbay.core.errors import (
    BadRequest,
    Denied,
    SickbayError,
    TimedOut,
    TooLarge,
    Unsupported,
)
from sickbay.history.clickhouse.history import opened_clickhouse
from sickbay.history.clickhouse.preparation import prepare
from sickbay.history.clickhouse.schema import statements
from sickbay.history.clickhouse.wire import rows
from sickbay.history.face import Keep
from sickbay.history.schema import TABLES, VERSION
from tests.history.drawn import batches, drawn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.history.clickhouse.double import Double
    from tests.history.places import Place

pytestmark = pytest.mark.clickhouse

LIMITS: dict[str, Any] = {"max_rows": 9999, "max_s": 20, "max_bytes": 1 << 29}


def within(place: Place, work: Callable[[Database], Awaitable[Any]]) -> Any:  # noqa: ANN401 - what the work gives
    """Do something with the database of a place."""
    double = place.double
    assert double

    async def done() -> Any:  # noqa: ANN401 - see above
        async with Database(
            double.url, user=double.user, password=double.password, name=place.database
        ) as database:
            await database.create()
            return await work(database)

    return asyncio.run(done())


def tables_of(place: Place) -> dict[str, str]:
    async def asked(database: Database) -> dict[str, str]:
        found = await rows(
            database,
            "SELECT name, create_table_query AS made FROM system.tables"
            " WHERE database = currentDatabase()",
        )
        return {row["name"]: row["made"] for row in found.to_pylist()}

    found: dict[str, str] = within(place, asked)
    return found


def wrote(place: Place, *sql: str) -> None:
    async def done(database: Database) -> None:
        for statement in sql:
            await database.write(statement)

    within(place, done)


def test_tables_are_sorted_for_the_timeline_of_a_test(in_clickhouse: Place) -> None:
    within(in_clickhouse, prepare)
    made = tables_of(in_clickhouse)
    assert set(made) == {
        *TABLES,
        *(f"{name}_rows" for name in TABLES),
        "schema_version",
    }
    assert "ReplacingMergeTree" in made["results_rows"]
    assert "PARTITION BY toYYYYMM(ordered_at)" in made["results_rows"]
    assert (
        "ORDER BY (test_id, ordered_at, build_id, ingest_id, row)"
        in made["results_rows"]
    )


def test_the_timeline_of_a_test_reads_a_part_of_the_table(in_clickhouse: Place) -> None:
    puts = batches(drawn(3, builds=4, tests=30), per=4)

    async def filled() -> None:
        async with in_clickhouse.filled(puts):
            pass

    asyncio.run(filled())

    async def explained(database: Database) -> bytes:
        return await database.read(
            "EXPLAIN indexes = 1"
            " SELECT * FROM results WHERE test_id = {t: Nullable(String)}",
            {"t": "t/test_3.py::test_3"},
        )

    plan = within(in_clickhouse, explained).decode()
    assert "Condition: and((test_id in ['t/test_3.py::test_3'" in plan.replace("\\", "")


def test_preparing_twice_changes_nothing(in_clickhouse: Place) -> None:
    within(in_clickhouse, prepare)
    made = tables_of(in_clickhouse)
    wrote(in_clickhouse, *statements())
    assert tables_of(in_clickhouse) == made


def test_tables_of_an_earlier_version_get_what_they_lack(in_clickhouse: Place) -> None:
    """A store of a version that knew fewer columns, written by hand."""
    order = "test_id String, ordered_at DateTime64(6, 'UTC'), build_id String"
    wrote(
        in_clickhouse,
        "CREATE TABLE schema_version (version Int32)"
        " ENGINE = MergeTree ORDER BY version",
        f"CREATE TABLE results_rows ({order}, ingest_id Int64, row Int32,"
        " outcome LowCardinality(Nullable(String))) ENGINE = ReplacingMergeTree"
        " PARTITION BY toYYYYMM(ordered_at)"
        " ORDER BY (test_id, ordered_at, build_id, ingest_id, row)",
        "CREATE TABLE builds_rows (build_id String, ingest_id Int64,"
        " title Nullable(String)) ENGINE = ReplacingMergeTree(ingest_id)"
        " ORDER BY build_id",
        "INSERT INTO results_rows VALUES ('t', '2026-01-01', 'b', 1, 0, 'failed')",
        "INSERT INTO builds_rows VALUES ('b', 1, 'old')",
    )
    builds = drawn(4, builds=2, tests=4)

    async def seen() -> list[dict[str, Any]]:
        async with in_clickhouse.filled(batches(builds, per=2)) as history:
            found = await history.select(
                "SELECT b.title AS title, r.message AS message, r.outcome AS outcome"
                " FROM results r JOIN builds b ON b.build_id = r.build_id"
                " WHERE b.build_id = 'b'",
                max_rows=9,
                max_s=9,
                max_bytes=1 << 28,
            )
            return [*found.table.to_pylist()]

    expected = {"title": "old", "message": None, "outcome": "failed"}
    assert asyncio.run(seen()) == [expected]


def test_tables_of_a_later_version_are_left_alone(in_clickhouse: Place) -> None:
    within(in_clickhouse, prepare)
    newer = f"INSERT INTO schema_version VALUES ({VERSION + 1})"  # noqa: S608 - a number
    wrote(in_clickhouse, newer)
    with pytest.raises(Unsupported, match=f"version {VERSION + 1}") as caught:
        within(in_clickhouse, prepare)
    assert "upgrade" in caught.value.hint


def test_tables_of_somebody_elses_are_left_alone(in_clickhouse: Place) -> None:
    wrote(in_clickhouse, "CREATE TABLE jobs (a Int8) ENGINE = MergeTree ORDER BY a")
    with pytest.raises(BadRequest, match="other tables called jobs"):
        within(in_clickhouse, prepare)
    assert set(tables_of(in_clickhouse)) == {"jobs"}


def test_rows_that_are_sent_twice_count_once(in_clickhouse: Place) -> None:
    builds = drawn(5, builds=3, tests=9)
    [put] = batches(builds, per=3)

    async def counted() -> list[int]:
        asked = "SELECT 1 FROM"
        async with in_clickhouse.filled([put, put]) as history:
            return [
                (await history.select(f"{asked} {name}", **LIMITS)).table.num_rows
                for name in ("builds", "jobs", "results", "causes")
            ]

    jobs, results, causes = (
        sum(len(getattr(build, name)) for build in builds)
        for name in ("jobs", "results", "causes")
    )
    assert asyncio.run(counted()) == [3, jobs, results, causes]


def test_many_write_at_once_and_nothing_is_lost(in_clickhouse: Place) -> None:
    puts = batches(drawn(6, builds=8, tests=6))

    async def all_at_once() -> int:
        async with in_clickhouse.opened() as one, in_clickhouse.opened() as other:
            await asyncio.gather(
                *(h.put(b) for h, b in zip([one, other] * 4, puts, strict=True))
            )
            return (await one.status()).builds

    assert asyncio.run(all_at_once()) == 8


@pytest.mark.parametrize(
    ("sql", "limits", "kind"),
    [
        pytest.param(
            "SELECT count(*) FROM results a, results b, results c, results d, results e"
            " WHERE a.message < concat(b.message, c.message, d.test_id, e.test_id)",
            {"max_s": 1},
            TimedOut,
            id="time",
        ),
        pytest.param(
            "SELECT string_agg(concat(a.test_id, b.test_id, c.test_id), ',')"
            " FROM results a, results b, results c",
            {"max_bytes": 1 << 26},
            TooLarge,
            id="memory",
        ),
    ],
)
def test_a_statement_that_wants_too_much_is_stopped(
    in_clickhouse: Place, sql: str, limits: dict[str, Any], kind: type[SickbayError]
) -> None:
    async def asked() -> None:
        async with in_clickhouse.filled(batches(drawn(7, builds=9, tests=30))) as h:
            usual: dict[str, Any] = {"max_rows": 9, "max_s": 20, "max_bytes": 1 << 30}
            await h.select(sql, **{**usual, **limits})

    with pytest.raises(kind):
        asyncio.run(asked())


def test_repairing_is_left_to_clickhouse(in_clickhouse: Place) -> None:
    async def repaired() -> None:
        async with in_clickhouse.opened() as history:
            await history.tidy(keep=Keep(), repair=True)

    with pytest.raises(Unsupported, match="repairs"):
        asyncio.run(repaired())


def test_a_wrong_password_is_said_and_not_shown(double: Double) -> None:
    async def asked() -> None:
        async with opened_clickhouse(
            double.url,
            user=double.user,
            password="wrong-canary",  # noqa: S106 - made up
            database="x",
        ) as history:
            await history.status()

    with pytest.raises(Denied) as caught:
        asyncio.run(asked())
    assert "wrong-canary" not in str(caught.value)
