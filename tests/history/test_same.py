"""The same queries give the same rows, whatever keeps the history."""

from __future__ import annotations

import math
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs

from sickbay.history import statements
from tests.history.drawn import START, batches, drawn
from tests.history.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from sickbay.ci.records import BuildRecord
    from sickbay.history.face import History
    from tests.history.clickhouse.double import Double

pytestmark = pytest.mark.clickhouse

BUILDS = 16
LIST = "VARCHAR[]"
ZONES = (UTC, timezone(timedelta(hours=-8)), timezone(timedelta(hours=5, minutes=30)))
PATTERNS = ("Fix", "^Add .*[02468]$", "(?i)FIX", r"#1\)?\b", ".", "nothing\nlike it")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
MOMENTS = st.builds(
    lambda hours, zone: (START + timedelta(hours=hours)).astimezone(zone),
    st.integers(-6, 6 * BUILDS + 6),
    st.sampled_from(ZONES),
)


@cache
def _drawn(seed: int) -> list[BuildRecord]:
    return drawn(seed, builds=BUILDS, tests=24)


@dataclass(frozen=True, slots=True)
class Both:
    """Two histories with the same builds; some were put there twice."""

    seed: int
    portal: BlockingPortal
    ours: History
    theirs: History

    @property
    def builds(self) -> list[BuildRecord]:
        """What is in them."""
        return _drawn(self.seed)

    def asked(self, name: str, given: Mapping[str, Any]) -> list[pa.Table]:
        """The answers to a query."""
        return [
            self.portal.call(partial(history.ask, name, **given))
            for history in (self.ours, self.theirs)
        ]

    def selected(self, sql: str) -> list[pa.Table]:
        """The answers to a statement of a user's."""
        limits: dict[str, Any] = {"max_rows": 500, "max_s": 20, "max_bytes": 1 << 29}
        return [
            self.portal.call(partial(history.select, sql, **limits)).table
            for history in (self.ours, self.theirs)
        ]

    def parameters(self, name: str) -> st.SearchStrategy[dict[str, Any]]:
        """Values for a query, of which many find something."""
        types = statements.query(name).parameters
        return st.fixed_dictionaries(
            {name: self._values(name, kind) for name, kind in types.items()}
        )

    def _values(self, name: str, kind: str) -> st.SearchStrategy[Any]:
        ids = [build.build_id for build in self.builds]
        if kind == LIST:
            return st.lists(st.sampled_from([*ids, "it's \\ \t'"]), max_size=9)
        tests = sorted({r.test_id for b in self.builds for r in b.results})
        known: Mapping[str, st.SearchStrategy[Any]] = {
            "branch": st.sampled_from(["main", "release/1.0"]),
            "build_id": st.sampled_from(ids),
            "like": st.sampled_from(["ODD", "_1", "\u6f22", "%", "'", "\\"]) | TEXTS,
            "message": st.sampled_from(PATTERNS),
            "most": st.integers(1, 40),
            "named": st.sampled_from([*ids, "3", self.builds[2].sha, "0" * 7]) | TEXTS,
            "newest": st.integers(0, BUILDS),
            "passed": st.booleans(),
            "pipeline": st.sampled_from(["acme/ci", "acme/nightly"]) | TEXTS,
            "since": MOMENTS,
            "source": st.sampled_from(["buildkite", "hud"]),
            "test_id": st.sampled_from(tests) | TEXTS,
            "until": MOMENTS,
        }
        return known[name] if kind == "BOOLEAN" else st.none() | known[name]


@contextmanager
def histories(seed: int, folder: Path, double: Double) -> Iterator[Both]:
    """Two histories that are open, with nothing in them."""
    ours = Place(folder=folder, database="")
    theirs = Place(folder=folder, database=f"same_{seed}", double=double)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(ours.opened()) as here,
        portal.wrap_async_context_manager(theirs.opened()) as there,
    ):
        yield Both(seed, portal, here, there)


@pytest.fixture(scope="module", params=[11, 12])
def both(
    request: pytest.FixtureRequest,
    double: Double,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Both]:
    """Some builds came again: with fewer jobs, and as they were."""
    with histories(request.param, tmp_path_factory.mktemp("same"), double) as found:
        builds = found.builds
        less = structs.replace(builds[4], jobs=(), results=(), causes=())
        for batch in batches([*builds[5:], *builds[:9], less, builds[7]], per=3):
            found.portal.call(found.ours.put, batch)
            found.portal.call(found.theirs.put, batch)
        yield found


@pytest.mark.parametrize("name", statements.names())
@settings(max_examples=4, phases=[Phase.generate])  # each is asked for over HTTP
@given(st.data())
def test_a_query_finds_the_same_in_both(
    both: Both, name: str, data: st.DataObject
) -> None:
    here, there = both.asked(name, data.draw(both.parameters(name)))
    assert _types(here) == _types(there)
    assert here.num_rows == there.num_rows
    for ours, theirs in zip(_rows(name, here), _rows(name, there), strict=True):
        different = [key for key in ours if not _alike(ours[key], theirs[key])]
        assert different == [], (ours, theirs)


def test_an_empty_history_has_the_same_columns_in_both(
    tmp_path: Path, double: Double
) -> None:
    with histories(0, tmp_path, double) as both:
        for name in statements.names():
            types = statements.query(name).parameters
            given: dict[str, Any] = {
                p: [] if kind == LIST else None for p, kind in types.items()
            }
            here, there = both.asked(name, given)
            assert (_types(here), here.num_rows) == (_types(there), there.num_rows), (
                name
            )


VALUES = """
    avg(line)|concat(message, '!')|contains(test_id, 'odd')|count(DISTINCT job_id)
    |CAST(date_trunc('week', ordered_at) AS TIMESTAMPTZ)|extract(hour FROM ordered_at)
    |strftime(ordered_at, '%Y-%m-%d %H:%M:%S')|epoch(ordered_at)|length(message)
    |upper(variant)|regexp_extract(test_id, '::(.*)', 1)|left(variant, 4)
    |regexp_replace(test_id, '[0-9]', 'N')|regexp_replace(test_id, '[0-9]', 'N', 'g')
    |split_part(test_id, '::', 2)|split_part(message, ' ', 9)|substring(variant, 2, 3)
    |log(line)|ln(line)|round(CAST(duration_s AS DOUBLE), 1)
    |median(line)|quantile_cont(line, 0.3)|count(line)
    |bool_or(attempts > 1)|bool_and(attempts > 1)|stddev(line)|var_pop(line)
    |lag(message) OVER (ORDER BY test_id, job_id, outcome)|max(ordered_at)
    |lead(line, 2) OVER (ORDER BY test_id, job_id, outcome)|min(message)
    |rank() OVER (ORDER BY outcome)|cume_dist() OVER (ORDER BY outcome)|min(ordered_at)
    |arg_max(test_id, concat(job_id, outcome, test_id))|coalesce(message, 'none')
"""
"""What a user may ask for, of results."""


@pytest.mark.parametrize("value", [value.strip() for value in VALUES.split("|")])
def test_a_value_is_the_same_in_both(both: Both, value: str) -> None:
    sql = f"SELECT {value} AS v FROM results ORDER BY v NULLS LAST"  # noqa: S608 - ours
    here, there = (table.column("v").to_pylist() for table in both.selected(sql))
    assert len(here) == len(there) > 0
    assert [x for x in zip(here, there, strict=True) if not _alike(*x)] == []


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "SELECT outcome, CAST(count(*) AS BIGINT) AS n FROM results"
            " GROUP BY outcome ORDER BY outcome",
            id="counts",
        ),
        pytest.param(
            "WITH bad AS (SELECT test_id, build_id FROM results WHERE attempts = 1)"
            " SELECT b.number AS number, CAST(count(bad.test_id) AS BIGINT) AS n"
            " FROM builds b LEFT JOIN bad ON bad.build_id = b.build_id"
            " GROUP BY b.number ORDER BY b.number",
            id="join",
        ),
        pytest.param(
            "SELECT build_id FROM builds WHERE created_at >= TIMESTAMPTZ"
            " '2026-03-02 00:00:00+00' AND lower(title) LIKE 'fix%' ORDER BY build_id",
            id="moments",
        ),
    ],
)
def test_a_statement_of_a_users_finds_the_same_in_both(both: Both, sql: str) -> None:
    here, there = both.selected(sql)
    assert _types(here) == _types(there)
    assert here.to_pylist() == there.to_pylist()
    assert here.num_rows


def _rows(name: str, table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a query; where it leaves their order open, in some order."""
    rows: list[dict[str, Any]] = table.to_pylist()
    tree = sqlglot.parse_one(statements.query(name).text, read="duckdb")
    ordered = tree.args.get("order")
    return rows if ordered else sorted(rows, key=lambda row: str(row.values()))


def _types(table: pa.Table) -> list[tuple[str, str]]:
    return [(field.name, str(field.type)) for field in table.schema]


def _alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-6)
    return one == other
