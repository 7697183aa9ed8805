"""Runs of real projects: what a history keeps of them is what pytest says itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sickbay.ci.scan.families import canonical
from sickbay.history.ingest.archives import log_files_build
from sickbay.history.ingest.files import Named
from sickbay.history.ingest.filled import BAD
from sickbay.history.ingest.junit import junit_build
from tests.history.ingest.stand import NOW, at, rules

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "pytest-real-runs"
RUNS = sorted(DATA.glob("*.report.json"))
VERBOSE = [path for path in RUNS if "_v" in path.name]

if not RUNS:
    pytest.skip(f"there is no {DATA}: set SICKBAY_DATA", allow_module_level=True)


def truth(report: Path) -> dict[str, str]:
    """How each test ended, as pytest reported it to a program."""
    ran = json.loads(report.read_text())["tests"]
    return {canonical(test["nodeid"]): test["outcome"] for test in ran}


def beside(report: Path, suffix: str) -> list[Named]:
    path = report.with_name(report.name.replace(".report.json", suffix))
    return [Named(path, Path(path.name))]


@pytest.mark.parametrize("report", RUNS, ids=lambda path: path.name.split(".")[0])
def test_a_junit_file_tells_the_same(report: Path) -> None:
    record = junit_build(beside(report, ".junit.xml"), at(), now=NOW).record
    expected = truth(report)
    found = {one.test_id: one.outcome for one in record.results}
    named = {name for name, outcome in found.items() if outcome in BAD}
    broken = {name for name, outcome in expected.items() if outcome in BAD}
    assert named & expected.keys() == broken
    assert {name for name in named - expected.keys() if "::" in name} == set()
    passed = {name for name, outcome in found.items() if outcome == "passed"}
    assert passed == {name for name, how in expected.items() if how == "passed"}


@pytest.mark.parametrize("report", VERBOSE, ids=lambda path: path.name.split(".")[0])
def test_a_verbose_log_tells_nearly_the_same(report: Path) -> None:
    made = log_files_build(beside(report, ".log"), at(), wanted=rules(), now=NOW)
    expected = truth(report)
    found = {one.test_id: one.outcome for one in made.record.results}
    named = {name for name, outcome in found.items() if outcome in BAD}
    broken = {name for name, outcome in expected.items() if outcome in BAD}
    assert named & expected.keys() == broken
    if made.record.jobs[0].listing != "all":
        return
    passed = {name for name, outcome in found.items() if outcome == "passed"}
    told = {name for name, how in expected.items() if how == "passed"}
    assert len(passed ^ told) <= 2  # a warning may be printed into such a line
