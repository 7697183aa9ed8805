"""What is true of a history is true of each, whatever keeps it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from sickbay.core.errors import BadRequest, Denied, SickbayError
from sickbay.history.face import Keep
from sickbay.history.rows import Batch, batch, ingest_ids
from sickbay.history.schema import TABLES, VERSION
from tests.history.drawn import NOW, START, batches, drawn

if TYPE_CHECKING:
    from sickbay.ci.records import BuildRecord
    from sickbay.history.face import Status, Tidied
    from tests.history.places import Place

LIMITS: dict[str, Any] = {"max_rows": 1000, "max_s": 20.0, "max_bytes": 1 << 29}


ALL_RESULTS = (
    "SELECT test_id, build_id, job_id, outcome, attempts, duration_s, signature,"
    " exception, message, line FROM results ORDER BY test_id, build_id, job_id, outcome"
)


def rows_of(place: Place, sql: str) -> list[dict[str, Any]]:
    async def asked() -> list[dict[str, Any]]:
        async with place.opened() as history:
            found = await history.select(sql, **LIMITS)
        return [*found.table.to_pylist()]

    return asyncio.run(asked())


def put(place: Place, *some: Batch) -> None:
    async def filled() -> None:
        async with place.filled(some):
            pass

    asyncio.run(filled())


def tidied(
    place: Place, keep: Keep, *, now: datetime = NOW, force: bool = True
) -> tuple[Status, Tidied, Status]:
    """What tidying did, and the state before and after it."""

    async def done() -> tuple[Status, Tidied, Status]:
        async with place.opened(now=now) as history:
            before = await history.status()
            return (
                before,
                await history.tidy(keep=keep, force=force),
                await history.status(),
            )

    return asyncio.run(done())


def counted(builds: list[BuildRecord]) -> dict[str, int]:
    return {
        "builds": len(builds),
        "jobs": sum(len(build.jobs) for build in builds),
        "results": sum(len(build.results) for build in builds),
        "causes": sum(len(build.causes) for build in builds),
    }


def counts(place: Place) -> dict[str, int]:
    asked = "SELECT CAST(count(*) AS BIGINT) AS n FROM"
    return {name: rows_of(place, f"{asked} {name}")[0]["n"] for name in counted([])}


def test_what_was_put_is_there_for_whoever_opens_it_next(place: Place) -> None:
    builds = drawn(5, builds=7, tests=9)
    put(place, *batches(builds, per=3))
    assert counts(place) == counted(builds)
    [first] = rows_of(place, "SELECT * FROM builds ORDER BY created_at LIMIT 1")
    assert first["build_id"] == builds[0].build_id
    assert first["created_at"] == START
    assert first["missing"] is None


def test_a_build_that_comes_again_replaces_what_was_there(place: Place) -> None:
    builds = drawn(6, builds=5, tests=9)
    smaller = structs.replace(builds[2], jobs=builds[2].jobs[:1], results=(), causes=())
    put(place, *batches([*builds, smaller]))
    assert counts(place) == counted([*builds[:2], smaller, *builds[3:]])


def test_a_build_of_which_its_row_is_not_written_yet_is_not_seen(place: Place) -> None:
    builds = drawn(7, builds=3, tests=6)
    [whole, begun] = batches(builds, per=2)
    put(place, whole, _without_builds(begun))
    assert counts(place) == counted(builds[:2])


def test_a_build_that_is_begun_again_is_seen_as_it_was(place: Place) -> None:
    builds = drawn(8, builds=2, tests=6)
    put(place, *batches(builds), _without_builds(batches(builds * 2)[-1]))
    assert counts(place) == counted(builds)


def test_the_newest_ingestion_counts_whichever_comes_first(place: Place) -> None:
    [build] = drawn(9, builds=1, tests=6)
    newer = structs.replace(build, title="newer", results=())
    put(place, batch([newer], iter([8]), NOW), batch([build], iter([5]), NOW))
    assert rows_of(place, "SELECT title FROM builds") == [{"title": "newer"}]
    assert counts(place)["results"] == 0


def test_an_empty_history_says_so(place: Place) -> None:
    before, done, after = tidied(place, Keep(), force=False)
    assert (before.builds, before.results, before.oldest) == (0, 0, None)
    assert before.schema == VERSION
    assert done.dropped_builds == 0
    assert after.builds == 0
    assert rows_of(place, "SELECT test_id FROM results") == []


def test_status_counts_what_is_there_and_what_it_takes(place: Place) -> None:
    builds = drawn(10, builds=6, tests=9)
    put(place, *batches([*builds, builds[1]], per=2))
    before, _, _ = tidied(place, Keep(), force=False)
    assert before.builds == 6
    assert before.results == counted(builds)["results"]
    assert before.superseded == 1
    assert (before.oldest, before.newest) == (START, builds[-1].created_at)
    assert before.ingested_at == NOW
    assert before.bytes == sum(table.bytes for table in before.tables.values()) > 0
    assert set(before.tables) == set(TABLES)


def test_tidying_drops_what_was_replaced_and_nothing_else(place: Place) -> None:
    builds = drawn(11, builds=6, tests=9)
    put(place, *batches([*builds, *builds[:2]], per=2))
    seen = rows_of(place, ALL_RESULTS)
    before, done, after = tidied(place, Keep())
    assert (before.superseded, after.superseded) == (2, 0)
    assert done.dropped_builds == 0
    assert done.rows_after < done.rows_before
    assert rows_of(place, ALL_RESULTS) == seen
    assert counts(place) == counted(builds)


def test_builds_past_their_age_go_whole(place: Place) -> None:
    builds = drawn(12, builds=8, tests=9)
    put(place, *batches([*builds, builds[0]], per=3))
    age = NOW - builds[3].created_at
    _, done, _ = tidied(place, Keep(age=age))
    assert done.dropped_builds == 3
    assert counts(place) == counted(builds[3:])


def test_the_oldest_builds_go_where_there_is_no_room(place: Place) -> None:
    builds = drawn(13, builds=8, tests=9)
    put(place, *batches(builds, per=8))
    _, done, after = tidied(place, Keep(bytes=1))
    assert done.dropped_builds == 8
    assert (after.builds, counts(place)["results"]) == (0, 0)


def test_what_was_begun_lately_is_left_for_its_row(place: Place) -> None:
    builds = drawn(14, builds=2, tests=6)
    now = datetime.now(UTC)
    begun = batch(builds, ingest_ids(), now)
    put(place, _without_builds(begun))
    tidied(place, Keep(), now=now)
    put(place, _only_builds(begun))
    assert counts(place) == counted(builds)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        pytest.param("DROP TABLE builds", BadRequest, id="no question"),
        pytest.param("SELECT 1; SELECT 2", BadRequest, id="two"),
        pytest.param("SELECT * FROM system.tables", Denied, id="other tables"),
        pytest.param("SELECT * FROM builds_rows", Denied, id="what does not count"),
        pytest.param("SELECT * FROM url('http://127.0.0.1')", Denied, id="network"),
        pytest.param("SELECT * FROM '/etc/passwd'", Denied, id="file"),
        pytest.param("SELECT nothing FROM builds", BadRequest, id="no such column"),
        pytest.param("SELECT 1 SETTINGS readonly=0", SickbayError, id="settings"),
    ],
)
def test_a_statement_of_a_users_only_reads_these_tables(
    place: Place, sql: str, kind: type[SickbayError]
) -> None:
    with pytest.raises(kind):
        rows_of(place, sql)


def test_an_answer_that_is_cut_says_so(place: Place) -> None:
    put(place, *batches(drawn(15, builds=5, tests=6), per=5))

    async def cut(most: int) -> tuple[int, bool]:
        async with place.opened() as history:
            found = await history.select(
                "SELECT build_id FROM builds", **{**LIMITS, "max_rows": most}
            )
            return found.table.num_rows, found.cut

    assert asyncio.run(cut(5)) == (5, False)
    assert asyncio.run(cut(3)) == (3, True)


def _without_builds(some: Batch) -> Batch:
    empty = some.tables["builds"].slice(0, 0)
    return Batch(tables={**some.tables, "builds": empty})


def _only_builds(some: Batch) -> Batch:
    return Batch(
        tables={
            name: table if name == "builds" else table.slice(0, 0)
            for name, table in some.tables.items()
        }
    )
