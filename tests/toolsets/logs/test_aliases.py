from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sickbay.toolsets.logs.manifest import TOOLSET
from tests.toolsets.logs import depot
from tests.toolsets.logs.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Mapping

OLD: Mapping[str, list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {
    "download_log_to_file": [
        (
            {"job_id": 42},
            {
                "success": True,
                "job_id": 42,
                "size_bytes": 36,
                "line_count": 2,
                "url": "hud:42",
                "log": "hud:42",
            },
        ),
        (
            {"job_id": 41},
            {"success": False, "job_id": 41, "size_bytes": 0, "file_path": None},
        ),
    ],
    "extract_log_patterns": [
        (
            {"file_path": "steps.log", "patterns": {"step": r"step (\d) works"}},
            {"success": True, "counts": {"step": 4}},
        ),
        ({"file_path": "steps.log", "patterns": None}, {"success": True}),
        ({"file_path": "/etc/passwd"}, {"success": False, "samples": {}}),
    ],
    "extract_test_results": [
        (
            {"file_path": "pytest.log"},
            {
                "success": True,
                "test_counts": {"total": 4, "passed": 1, "failed": 3, "skipped": 0},
                "duration": None,
            },
        ),
        ({"file_path": "none.log"}, {"success": False, "failed_tests": []}),
    ],
    "filter_log_sections": [
        (
            {"file_path": "pytest.log", "start_pattern": "^=+ FAILURES"},
            {"success": True, "section_count": 1, "max_lines": 100},
        ),
        (
            {
                "file_path": "steps.log",
                "start_pattern": "step 1 works",
                "end_pattern": "^error",
                "max_lines": 3,
            },
            {"section_count": 1},
        ),
        (
            {"file_path": "steps.log", "start_pattern": "("},
            {"success": False, "section_count": 0, "sections": []},
        ),
    ],
    "search_logs": [
        ({"logs": ["steps.log"], "pattern": "warning"}, {"total": 4}),
        ({"log": "steps.log", "query": "warning", "branch": None}, {"total": 4}),
        ({"file_path": "steps.log", "failure": "warning"}, {"total": 4}),
    ],
}


@pytest.fixture
def both(desk: Desk) -> Desk:
    """A server that has the logs of jobs, too."""
    depot.fresh()
    return Desk(desk.folder / ".both", more=[depot.TOOLSET], toolsets="logs,depot")


@pytest.mark.parametrize("suffix", ["", "_resource"])
@pytest.mark.parametrize("name", OLD)
def test_an_old_name_takes_old_arguments(both: Desk, name: str, suffix: str) -> None:
    calls = [(f"{name}{suffix}", arguments) for arguments, _ in OLD[name]]
    for answer, (arguments, expected) in zip(
        both.ask_all(*calls), OLD[name], strict=True
    ):
        assert {key: answer[key] for key in expected} == expected, arguments


def test_the_table_has_every_old_name() -> None:
    names = {alias.name.removesuffix("_resource") for alias in TOOLSET.aliases}
    assert names == set(OLD)
    assert {alias.name for alias in TOOLSET.aliases} == {
        f"{name}{suffix}" for name in OLD for suffix in ("", "_resource")
    }


def test_old_shapes_of_lists_are_added(both: Desk) -> None:
    tests, patterns, sections = both.ask_all(
        ("extract_test_results", {"file_path": "pytest.log"}),
        (
            "extract_log_patterns",
            {"file_path": "steps.log", "patterns": {"step": r"step (\d) works"}},
        ),
        (
            "filter_log_sections",
            {"file_path": "pytest.log", "start_pattern": "^=+ short", "max_lines": 1},
        ),
    )
    first = tests["failed_tests"][0]
    assert first["test"] == "test_ward.py::test_amber_amber_amber"
    assert first["context"] == [
        "no bed called test_amber_amber_amber in the ward of amber"
    ]
    assert patterns["samples"]["step"][1] == {
        "line_num": 10,
        "line": "step 1 works",
        "groups": ["1"],
    }
    (section,) = sections["sections"]
    assert section["start_line"] == section["line_start"]
    assert (section["content"].count("short test summary"), section["truncated"]) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"query": "CUDA error", "repo": "pytorch/pytorch"}, id="repo"),
        pytest.param({"failure": "x", "workflow_name": "pull"}, id="workflow"),
        pytest.param({"failure": "x", "start_date": "2026-01-01"}, id="dates"),
    ],
)
def test_a_search_for_commits_is_not_taken_for_one_of_logs(
    both: Desk, arguments: dict[str, Any]
) -> None:
    told = both.ask("search_logs", **arguments)
    assert told["error"]["kind"] == "bad_request"
    assert "fit none" in told["error"]["message"]
