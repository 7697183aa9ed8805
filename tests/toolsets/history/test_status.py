from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.history.schema import TABLES
from tests.toolsets.history.stand import Stand
from tests.toolsets.history.stories import PIPELINE, STORIES

if TYPE_CHECKING:
    from pathlib import Path


def test_a_status_counts_what_is_there(stand: Stand, store: Path) -> None:
    found = stand.ask("history_status")
    assert found["outcome"] == "ok"
    assert found["builds"] == 46
    assert found["results"] == 46 * len(STORIES)
    assert found["place"] == str(store)
    assert found["size_bytes"] > 0
    assert found["oldest"] < found["newest"] <= found["ingested_at"]


def test_a_status_lists_pipelines(stand: Stand) -> None:
    found = stand.ask("history_status")
    assert [(p["pipeline"], p["builds"]) for p in found["pipelines"]] == [
        (PIPELINE, 46)
    ]


def test_a_status_names_every_column(stand: Stand) -> None:
    tables = stand.ask("history_status")["tables"]
    assert {name: [*table["columns"]] for name, table in tables.items()} == {
        name: schema.names for name, schema in TABLES.items()
    }


def test_an_empty_history_says_how_to_fill_it(tmp_path: Path) -> None:
    found = Stand(tmp_path, tmp_path / "none").ask("history_status")
    assert (found["outcome"], found["builds"]) == ("empty", 0)
    assert all(step.startswith("sickbay ingest ") for step in found["next_steps"])
    assert not (tmp_path / "none").exists()


def test_an_empty_history_is_no_error_of_the_other_tools_but_says_what_to_do(
    tmp_path: Path,
) -> None:
    stand = Stand(tmp_path, tmp_path / "none")
    for tool in ("history_clusters", "history_slow_tests"):
        found = stand.ask(tool)
        assert found["error"]["kind"] == "not_found"
        assert "sickbay ingest" in found["error"]["hint"]


def test_a_status_says_what_is_kept(tmp_path: Path, store: Path) -> None:
    found = Stand(tmp_path, store, keep_days=90).ask("history_status")
    assert found["keeps"] == "builds of the last 90 days"


def test_an_answer_fits(stand: Stand) -> None:
    assert stand.ask("history_status")["whole"] is None
