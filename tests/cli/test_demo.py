from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

import pytest

from sickbay.cli import demo

if TYPE_CHECKING:
    from pathlib import Path

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ")


@pytest.fixture(params=["pytest", "unittest"])
def runner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """With pytest, and as on a machine where it is not installed."""
    if request.param == "unittest":
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    return str(request.param)


@pytest.mark.usefixtures("runner")
def test_suite_passes_before_the_change(tmp_path: Path) -> None:
    said: list[str] = []
    log = demo.record(tmp_path, "passed", said.append).read_text("utf-8")
    assert "".join(said).count("passed\n") == 3
    assert "Retrying" not in log
    assert "##[error]" not in log


def test_log_of_the_bad_change_has_a_bug_a_flake_and_a_crash(
    runner: str, tmp_path: Path
) -> None:
    said: list[str] = []
    path = demo.record(tmp_path, "failed", said.append)
    log = path.read_text("utf-8")
    shards = [" ".join(row.split()) for row in "".join(said).splitlines()[:3]]
    assert shards == [
        "pharmacy failed with 1, then passed",
        "dosage failed with 1, then failed with 1",
        "imaging killed by SIGSEGV, then killed by SIGSEGV",
    ]
    assert all(STAMP.match(row) for row in log.splitlines())
    assert "ConnectionRefusedError" in log
    assert "KeyError: 'max_mg'" in log
    assert "Segmentation fault" in log
    assert ("\x1b[31mFAILED" in log) == (runner == "pytest")
    assert log.endswith("##[error]Process completed with exit code 1.\n")


@pytest.mark.timeout(60)  # the first run on a machine compiles the rules
def test_demo_explains_the_log_it_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.run(folder=tmp_path) == 0
    said = capsys.readouterr().out
    shown = said.split(f"$ sickbay explain {tmp_path}/failed.log\n", 1)[1]
    assert "test_dosage.py::TestDose::test_child_gets_less" in shown
    assert "1 flaky test" in shown
    assert f"$ sickbay diff {tmp_path}/passed.log {tmp_path}/failed.log\n" in shown
