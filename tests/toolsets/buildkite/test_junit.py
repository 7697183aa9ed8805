from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sickbay.toolsets.buildkite.source.files import MAX_JUNIT
from tests.toolsets.buildkite.stand import Stand

if TYPE_CHECKING:
    from pathlib import Path

TIME = {
    "created_at": "2026-02-03T06:00:00Z",
    "started_at": "2026-02-03T06:01:00Z",
    "finished_at": "2026-02-03T06:09:00Z",
}
JOB = {
    "id": "j-1",
    "type": "script",
    "name": "Kernels",
    "state": "failed",
    "exit_status": 1,
    **TIME,
}
BUILD = {"number": 5, "branch": "main", "state": "failed", "jobs": [JOB], **TIME}
CASE = (
    '<testcase classname="tests.kernels.test_a" name="test_it">'
    '<failure message="ValueError: no such kernel">ValueError: no</failure></testcase>'
)


def scanned(folder: Path, body: bytes) -> dict[str, Any]:
    """The scan of a saved build whose one job left this file, and an empty log."""
    saved = folder / "saved"
    (saved / "artifacts/j-1").mkdir(parents=True)
    (saved / "build.json").write_text(json.dumps(BUILD))
    listed = {"id": "a", "job_id": "j-1", "path": "r.xml", "file_size": len(body)}
    (saved / "artifacts.json").write_text(json.dumps([{**listed, "sha1sum": "0"}]))
    (saved / "artifacts/j-1/r.xml").write_bytes(body)
    (saved / "j-1.log").write_text("\nexited\n")
    stand = Stand(folder, buildkite={"folder": saved})
    return stand.ask("buildkite_scan_build", build="5", search_issues=False)


def test_a_file_of_results_names_what_the_log_does_not(tmp_path: Path) -> None:
    told = scanned(tmp_path, f"<testsuite>{CASE}</testsuite>".encode())
    [cause] = told["causes"]
    assert [test["test_id"] for test in cause["tests"]] == [
        "tests.kernels.test_a.test_it"
    ]


def test_attack_a_huge_file_of_results_is_not_read_and_said_so(tmp_path: Path) -> None:
    body = f"<testsuite>{CASE}</testsuite>".encode()
    told = scanned(tmp_path, body + b" " * (MAX_JUNIT + 1 - len(body)))
    assert [cause["tests"] for cause in told["causes"]] == [[]]
    said = {item["what"]: item["why"] for item in told["coverage"]["skipped"]}
    assert "larger than 8,388,608 bytes" in said["JUnit file r.xml"]
