"""The tools say the same, whichever engine keeps the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.history.places import Place
from tests.toolsets.history.cases import CASES, KEPT
from tests.toolsets.history.stand import Stand, filled, put
from tests.toolsets.history.stories import told

if TYPE_CHECKING:
    from tests.contract.cases import Case
    from tests.history.clickhouse.double import Double

pytestmark = pytest.mark.clickhouse

ASKED = [case for case in CASES if case.tool != "history_status"]


@pytest.fixture(scope="module")
def stands(
    tmp_path_factory: pytest.TempPathFactory, double: Double
) -> tuple[Stand, Stand]:
    """A server with the tables in a folder, and one with the same in ClickHouse."""
    folder = tmp_path_factory.mktemp("stands")
    records = [*told(KEPT), *told(KEPT, builds=6, branch="topic", first=100)]
    place = Place(folder=folder, database="tools", double=double)
    put(place.opened(), records)
    there = {
        "clickhouse_url": double.url,
        "clickhouse_user": double.user,
        "clickhouse_password": double.password,
        "clickhouse_database": "tools",
    }
    return (
        Stand(folder / "one", filled(folder / "history", records)),
        Stand(folder / "other", folder / "none", **there),
    )


@pytest.mark.parametrize(
    "case", ASKED, ids=lambda case: f"{case.tool} {[*case.arguments.values()]}"[:60]
)
def test_every_tool_answers_alike(stands: tuple[Stand, Stand], case: Case) -> None:
    here, there = (stand.ask(case.tool, **case.arguments) for stand in stands)
    assert there == here


def test_a_status_names_the_engine(stands: tuple[Stand, Stand]) -> None:
    here, there = (stand.ask("history_status") for stand in stands)
    assert (here["engine"], there["engine"]) == ("delta", "clickhouse")
    for key in ("builds", "results", "pipelines", "schema_version"):
        assert there[key] == here[key]
    assert "password" not in str(there["place"])
