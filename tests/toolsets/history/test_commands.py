from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.render.plain import columns
from tests.toolsets.history.stand import desk_at, filled
from tests.toolsets.history.stories import BREAKS, EVIL, MENDED, SLOW, STORIES, told

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.desk import Desk

PAGES = [
    pytest.param(["compare", "31"], id="compare"),
    pytest.param(["clusters", "--time-range", "30d"], id="clusters"),
    pytest.param(["slow"], id="slow"),
    pytest.param(["query", "SELECT * FROM results"], id="query"),
    pytest.param(["status"], id="status"),
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, store: Path) -> Desk:
    return desk_at(tmp_path_factory.mktemp("desk"), store)


def shown(desk: Desk, *arguments: object) -> str:
    done = desk.main("history", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def told_by(desk: Desk, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shown(desk, *arguments, "--format", "json"))
    assert found["schema"] == 1
    return found


def test_a_comparison_begins_with_what_is_compared(desk: Desk) -> None:
    page = shown(desk, "compare", 31)
    assert page.startswith("build 31 (1 build)\n  build 31, commit 00000000, ")
    assert "Against builds of main before it (20 builds)" in page
    assert f"Newly failing (1)\n  {BREAKS.test_id}" in page
    assert f"{MENDED.test_id} (may be chance)" in page
    assert f"Next: sickbay history test {BREAKS.test_id}" in page


def test_a_new_failure_is_a_failure_where_a_script_asks(desk: Desk) -> None:
    assert desk.main("history", "compare", 31, "--check").returncode == 1
    assert desk.main("history", "compare", 30, "--check").returncode == 0


def test_causes_say_where_they_are_going(desk: Desk) -> None:
    page = shown(desk, "clusters", "--time-range", "30d")
    assert page.index(f"NEW {BREAKS.message}") < page.index(f"GONE {MENDED.message}")
    assert "First seen " in page
    assert f"E {BREAKS.message}" in page
    assert "Log: log:main/40/unit, line 7" in page


def test_slow_tests_become_a_table(desk: Desk) -> None:
    page = shown(desk, "slow")
    head, first, *_ = page.splitlines()
    assert head.split()[:3] == ["test", "before", "now"]
    assert first.split()[:5] == [SLOW.test_id, "2", "s", "6", "s"]
    assert "1 test takes longer" in page


def test_tests_that_nobody_timed_are_not_called_fast(
    tmp_path: Path, thin: Path
) -> None:
    page = shown(desk_at(tmp_path / "desk", thin), "slow")
    assert page.startswith("No test was timed here")


def test_a_query_becomes_a_table(desk: Desk) -> None:
    sql = "SELECT number, state FROM builds WHERE branch = 'topic' ORDER BY number"
    page = shown(desk, "query", sql)
    assert page.splitlines()[1].split() == ["100", "passed"]
    assert page.endswith("\n6 rows.\n")
    assert told_by(desk, "query", sql)["row_count"] == 6


def test_a_query_of_many_rows_is_read_to_its_end(desk: Desk) -> None:
    found = told_by(desk, "query", "SELECT * FROM results", "--limit", 500)
    assert len(found["rows"]) == 500


def test_a_query_that_is_wrong_is_one_line(desk: Desk) -> None:
    done = desk.main("history", "query", "SELECT nothing FROM builds")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sickbay: ")
    assert done.stderr.count("\n") == 1


def test_a_status_says_what_there_is(desk: Desk, store: Path) -> None:
    page = shown(desk, "status")
    assert page.startswith(f"46 builds, {46 * len(STORIES):,} results in {store}")
    assert re.search(r"(?m)^results +1,150 ", page)


def test_an_empty_history_says_what_to_run(tmp_path: Path) -> None:
    desk = desk_at(tmp_path / "desk", tmp_path / "none")
    page = shown(desk, "status")
    assert page.startswith("The history is empty, in")
    assert "Next: sickbay ingest " in page


def test_a_question_to_an_empty_history_says_what_to_run(tmp_path: Path) -> None:
    desk = desk_at(tmp_path / "desk", tmp_path / "none")
    done = desk.main("history", "slow")
    assert (done.returncode, done.stdout) == (2, "")
    assert "sickbay ingest" in done.stderr


@pytest.mark.parametrize("arguments", PAGES)
def test_no_line_is_wider_than_the_terminal(desk: Desk, arguments: list[str]) -> None:
    desk.variables["COLUMNS"] = "76"
    for row in shown(desk, *arguments).splitlines():
        assert columns(row) <= 76, row


@pytest.mark.parametrize("arguments", PAGES)
def test_pages_as_markdown_mention_nobody_and_break_nothing(
    desk: Desk, arguments: list[str]
) -> None:
    page = shown(desk, *arguments, "--format", "markdown")
    assert "\x1b" not in page
    quoted = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
    assert "@" not in quoted.sub("", page).replace("@\u200b", "")


def test_attack_a_name_on_the_terminal_has_no_power(desk: Desk) -> None:
    page = shown(desk, "compare", 40, 30)
    assert "t/test_evil.py" in page
    assert not set(EVIL) & {"\x1b", "\u202e"} & set(page)


def test_tidying_says_what_it_did(tmp_path: Path) -> None:
    store = filled(tmp_path / "history", told(STORIES, builds=5))
    desk = desk_at(tmp_path / "desk", store)
    before = told_by(desk, "status")
    assert re.match(r"Nothing was done: .+\.\n$", shown(desk, "tidy"))
    done = told_by(desk, "tidy", "--force")
    assert done["why_not"] is None
    assert done["rows_after"] == done["rows_before"] == before["results"] + 5 + 5 + 1
    assert told_by(desk, "status")["builds"] == before["builds"] == 5


def test_tidying_drops_what_is_too_old(tmp_path: Path) -> None:
    store = filled(tmp_path / "history", told(STORIES, builds=12))
    desk = desk_at(tmp_path / "desk", store)
    desk.variables["SICKBAY_HISTORY__KEEP_DAYS"] = "1"
    assert "builds were too old, and went" in shown(desk, "tidy", "--force")
    assert told_by(desk, "status")["builds"] == 4


def test_commands_run_as_processes_of_their_own(desk: Desk) -> None:
    done = desk.run("history", "query", "SELECT count(*) AS n FROM builds")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["n", "46", "1", "row."]
