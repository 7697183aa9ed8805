from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.clients.reports import Reports
from sickbay.logs.explain import explain_bytes

if TYPE_CHECKING:
    from pathlib import Path

REPORT = explain_bytes(
    b"============ FAILURES ============\n"
    b"____ test_a ____\n"
    b"E   ValueError: no\n"
    b"a_test.py:1: ValueError\n"
    b"======= short test summary info =======\n"
    b"FAILED a_test.py::test_a - ValueError: no\n"
    b"======= 1 failed in 0.01s =======\n",
    "a job",
)


def test_a_report_is_there_for_the_next_process(tmp_path: Path) -> None:
    Reports(tmp_path).put("log:1", "a job", REPORT)
    assert REPORT.tests.failed
    assert Reports(tmp_path).get("log:1", "a job") == REPORT


def test_a_report_is_of_one_log_under_one_name(tmp_path: Path) -> None:
    kept = Reports(tmp_path)
    kept.put("log:1", "a job", REPORT)
    assert kept.get("log:1", "another") is None
    assert kept.get("log:2", "a job") is None


def test_a_damaged_report_is_no_report(tmp_path: Path) -> None:
    Reports(tmp_path).put("log:1", "a job", REPORT)
    [file] = tmp_path.glob("*.zst")
    file.write_bytes(file.read_bytes()[:-9])
    assert Reports(tmp_path).get("log:1", "a job") is None


def test_a_report_of_another_shape_is_no_report(tmp_path: Path) -> None:
    kept = Reports(tmp_path)
    kept.put("log:1", "a job", "no report")  # type: ignore[arg-type] # on purpose
    assert Reports(tmp_path).get("log:1", "a job") is None


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = Reports(tmp_path / "file" / "reports")
    kept.put("log:1", "a job", REPORT)
    assert kept.get("log:1", "a job") == REPORT
    assert Reports(tmp_path / "file" / "reports").get("log:1", "a job") is None
