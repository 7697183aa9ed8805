from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import NotFound, SickbayError, TooLarge, Unsupported
from sickbay.history.ingest.archives import log_files_build
from sickbay.history.ingest.files import found
from tests.history.ingest.stand import NOW, at, rules

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.history.ingest.filled import FileBuild

TESTS = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_good(n): pass

def test_bad():
    print("before it breaks")
    assert [1, 2] == [1, 3]
"""
LINT = "##[group]Run ruff check\n##[error]a.py:1:1: F401 `os` imported but unused\n"
STAMP = "2026-05-01T10:00:00.0000000Z "
CODE = "##[error]Process completed with exit code 1.\n"


def pytest_log(folder: Path, *options: str) -> str:
    """What a real run of tests prints."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "test_a.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    run = subprocess.run(
        command, cwd=folder, check=False, capture_output=True, text=True
    )
    return run.stdout


def built(*names: Path, **place: object) -> FileBuild:
    files, _ = found(list(map(str, names)), "")
    return log_files_build(files, at(**place), wanted=rules(), now=NOW)


def test_a_verbose_log_names_every_test(tmp_path: Path) -> None:
    log = tmp_path / "unit.log"
    log.write_text(pytest_log(tmp_path / "made", "-v"))
    record = built(log).record
    (job,) = record.jobs
    assert (job.name, job.state, job.listing, job.complete) == (
        *("unit", "fail", "all", True),
    )
    assert {one.test_id: one.outcome for one in record.results} == {
        "test_a.py::test_bad": "failed",
        **{f"test_a.py::test_good[{n}]": "passed" for n in range(3)},
    }
    (cause,) = record.causes
    assert cause.text == "AssertionError: assert [1, 2] == [1, 3]"
    assert cause.line is not None
    said = (cause.excerpt or "").splitlines()
    assert any("assert [1, 2] == [1, 3]" in line for line in said)
    assert record.build_id == "log:acme/ci/77"


def test_a_brief_log_names_those_that_failed(tmp_path: Path) -> None:
    log = tmp_path / "unit.log"
    log.write_text(pytest_log(tmp_path / "made", "-q"))
    record = built(log).record
    (job,) = record.jobs
    assert (job.listing, job.complete, job.tests_run) == ("failed", True, 4)
    assert [one.outcome for one in record.results] == ["failed"]


def test_a_log_without_failure_passed(tmp_path: Path) -> None:
    log = tmp_path / "unit.log"
    log.write_text(pytest_log(tmp_path / "made", "-v", "-k", "good"))
    record = built(log).record
    assert (record.state, record.jobs[0].state) == ("passed", "ok")
    assert {one.outcome for one in record.results} == {"passed"}
    assert not record.causes


def test_a_run_of_github_is_read_as_github_packs_it(tmp_path: Path) -> None:
    tests = pytest_log(tmp_path / "made", "-v")
    lines = "".join(f"{STAMP}{line}\n" for line in tests.splitlines())
    packed = tmp_path / "logs.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("0_test (3.12).txt", f"{lines}{STAMP}{CODE}")
        archive.writestr("1_lint.txt", f"{STAMP}{LINT}{STAMP}{CODE}")
        archive.writestr("test (3.12)/2_Run tests.txt", lines)
        archive.writestr("lint/1_Set up job.txt", "")
    made = built(packed)
    assert made.read == 2
    assert made.record.source == "github"
    assert {job.name: job.state for job in made.record.jobs} == {
        "test (3.12)": "fail",
        "lint": "fail",
    }
    assert len(made.record.results) == 4
    assert {one.job_id for one in made.record.causes} == {"test (3.12)", "lint"}


def test_logs_of_the_same_name_are_jobs_of_their_own(tmp_path: Path) -> None:
    tests = pytest_log(tmp_path / "made", "-v")
    for name in ("one.log", "two.log"):
        (tmp_path / name).write_text(tests)
    record = built(tmp_path / "one.log", tmp_path / "two.log", job="unit").record
    assert [job.variant for job in record.jobs] == ["unit", "unit (2)"]
    assert len(record.results) == 8


def test_what_is_no_log_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_text(pytest_log(tmp_path / "made", "-q"))
    (tmp_path / "junk.log").write_bytes(bytes(range(1, 32)) * 1000)
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.md", "no log")
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    names = [
        tmp_path / name for name in ("good.log", "junk.log", "empty.zip", "cut.zip")
    ]
    made = built(*names)
    assert made.read == 1
    assert {one.what.rpartition("/")[2] for one in made.skipped} == {
        *("junk.log", "empty.zip", "cut.zip"),
    }


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        pytest.param("a.log", bytes(range(1, 32)) * 99, Unsupported, id="junk"),
        pytest.param("a.log", b"", SickbayError, id="empty"),
        pytest.param("a.zip", b"PK\x03\x04 cut", SickbayError, id="a cut archive"),
    ],
)
def test_nothing_but_what_is_no_log_is_an_error(
    tmp_path: Path, name: str, content: bytes, error: type[SickbayError]
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error):
        built(tmp_path / name)


def test_an_archive_without_logs_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.md", "no log")
    with pytest.raises(NotFound, match="holds no logs"):
        built(tmp_path / "a.zip")


def test_an_archive_of_more_logs_than_a_run_has_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(2_001):
            archive.writestr(f"{number}_job {number}.txt", "x\n")
    with pytest.raises(TooLarge, match="2,001"):
        built(tmp_path / "a.zip")


def test_names_in_an_archive_stay_in_their_line(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("../../0_unit\u202e.txt", "x\n")
        archive.writestr("0_unit\u202e.txt", "x\n")
    (job,) = built(tmp_path / "a.zip").record.jobs
    assert job.name.startswith("unit")
    assert job.name.isprintable()
    assert {path.name for path in tmp_path.iterdir()} == {"a.zip"}
