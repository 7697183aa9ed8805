from __future__ import annotations

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import Malformed, NotFound, SickbayError
from sickbay.history.ingest.files import Named, found
from sickbay.history.ingest.junit import junit_build
from sickbay.history.ingest.lanes import lane_of
from tests.history.ingest.stand import FAILED, NOW, at, case, read, suite, written

TESTS = """
import pytest

@pytest.mark.parametrize("n", range(3))
def test_good(n): pass

def test_bad(): assert [1, 2] == [1, 3]

def test_without_fixture(nothing_like_that): pass

@pytest.mark.skip(reason="later")
def test_later(): pass
"""

GO = """<testsuite tests="2" failures="1" time="0.11" name="example.com/pkg/store">
<testcase classname="store" name="TestPut" time="0.010"></testcase>
<testcase classname="store" name="TestGet/empty" time="0.100">
<failure message="Failed" type="">store_test.go:14: got 2, want 1</failure></testcase>
</testsuite>"""

JEST = """<testsuite name="cart" tests="2" failures="1" time="1.5">
<testcase classname="cart adds" name="cart adds" time="1,000.25"></testcase>
<testcase classname="cart removes" name="cart removes" time="0.5">
<failure>Error: expect(received).toBe(expected)
    at Object.toBe (cart.test.js:9:21)</failure></testcase></testsuite>"""


def test_every_test_of_a_real_run_is_kept_with_its_time(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(TESTS)
    options = ("-q", "--junitxml=junit.xml", "-p", "no:cacheprovider", "test_a.py")
    command = [sys.executable, "-m", "pytest", *options]
    subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    record = read(tmp_path)
    (job,) = record.jobs
    outcomes = {one.test_id: one.outcome for one in record.results}
    assert outcomes == {
        "test_a.py::test_good[0]": "passed",
        "test_a.py::test_good[1]": "passed",
        "test_a.py::test_good[2]": "passed",
        "test_a.py::test_bad": "failed",
        "test_a.py::test_without_fixture": "error",
        "test_a.py::test_later": "skipped",
    }
    assert all(one.duration_s is not None for one in record.results)
    assert (job.listing, job.complete, job.tests_run, job.tests_failed) == (
        *("all", True, 5, 2),
    )
    causes = {one.test_id: one for one in record.causes}
    assert (
        causes["test_a.py::test_bad"].text == "AssertionError: assert [1, 2] == [1, 3]"
    )
    assert "assert [1, 2] == [1, 3]" in (causes["test_a.py::test_bad"].excerpt or "")
    assert causes["test_a.py::test_without_fixture"].text == (
        "fixture 'nothing_like_that' not found"
    )


@pytest.mark.parametrize(
    ("text", "passed", "failed", "seconds"),
    [
        pytest.param(GO, "store.TestPut", "store.TestGet/empty", 0.01, id="go"),
        pytest.param(JEST, "cart adds", "cart removes", 1000.25, id="jest"),
    ],
)
def test_reports_of_others_are_read(
    tmp_path: Path, text: str, passed: str, failed: str, seconds: float
) -> None:
    record = read(written(tmp_path, report=text))
    by_id = {one.test_id: one for one in record.results}
    assert by_id[passed].outcome == "passed"
    assert by_id[passed].duration_s == seconds
    assert by_id[failed].outcome == "failed"
    assert by_id[failed].message
    assert record.state == "failed"


def test_what_fails_alike_has_the_same_cause_in_other_builds(tmp_path: Path) -> None:
    one = read(written(tmp_path / "a", r=suite(case("a", FAILED))), at(build="1"))
    two = read(written(tmp_path / "b", r=suite(case("a", FAILED))), at(build="2"))
    assert one.causes[0].cause_id == two.causes[0].cause_id
    assert one.results[0].signature == two.results[0].signature != ""


def test_a_test_that_is_repeated_within_its_run_is_flaky(tmp_path: Path) -> None:
    again = '<flakyFailure message="expected 1, got 2" type="AssertionError"/>'
    record = read(written(tmp_path, r=suite(case("a", again), case("b"))))
    by_id = {one.test_id: one for one in record.results}
    assert by_id["pkg.Class.a"].outcome == "rerun"
    assert by_id["pkg.Class.a"].attempts == 2
    assert record.state == "passed"


def test_files_are_jobs_and_shards_by_their_names(tmp_path: Path) -> None:
    text = suite(case("a"))
    names = ("py311__junit_shard_1", "py311__junit_shard_2", "py312__junit")
    record = read(written(tmp_path, **dict.fromkeys(names, text)))
    assert [(job.variant, job.shard) for job in record.jobs] == [
        ("py311/junit", 1),
        ("py311/junit", 2),
        ("py312/junit", None),
    ]
    assert len({job.job_id for job in record.jobs}) == 3


@pytest.mark.parametrize(
    ("below", "job", "expected"),
    [
        pytest.param("junit.xml", None, ("junit", None), id="plain"),
        pytest.param("a/junit-2-of-4.xml", None, ("a/junit", 2), id="two of four"),
        pytest.param("junit-3.12.xml", None, ("junit-3.12", None), id="a version"),
        pytest.param("junit-py312.xml", None, ("junit-py312", None), id="a python"),
        pytest.param("m/TEST-a.b.C.xml", None, ("m", None), id="one for each class"),
        pytest.param("junit_2.xml", "unit", ("unit", 2), id="the job is said"),
        pytest.param("junit.part.3.xml", None, ("junit", 3), id="a part"),
    ],
)
def test_names_of_files_tell_the_job(
    below: str, job: str | None, expected: tuple[str, int | None]
) -> None:
    lane = lane_of(Named(Path("x") / below, Path(below)), at(job=job))
    assert (lane.variant, lane.shard) == expected


def test_one_bad_file_is_skipped_and_the_others_are_kept(tmp_path: Path) -> None:
    folder = written(tmp_path, good=suite(case("a"), case("b", FAILED)))
    (folder / "cut.xml").write_text("<testsuites><testsuite name='x'><testcase")
    (folder / "page.xml").write_text("<html></html>")
    (folder / "junk.xml").write_bytes(bytes(range(256)) * 64)
    (folder / "empty.xml").touch()
    (folder / "bomb.xml").write_text(
        '<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><testsuite>&c;</testsuite>'
    )
    files, _ = found([str(folder)], ".xml")
    made = junit_build(files, at(), now=NOW)
    assert (made.read, made.filled.results, made.filled.failed) == (1, 2, 1)
    whys = {Path(one.what).name: one.why for one in made.skipped}
    assert whys.keys() == {"cut.xml", "page.xml", "junk.xml", "empty.xml", "bomb.xml"}
    assert "document type" in whys["bomb.xml"]
    assert "its root is <html>" in whys["page.xml"]


def test_files_of_which_none_is_good_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.xml").write_text("<html></html>")
    files, _ = found([str(tmp_path)], ".xml")
    with pytest.raises(Malformed, match="its root is <html>"):
        junit_build(files, at(), now=NOW)


def test_stars_and_folders_name_each_file_once(tmp_path: Path) -> None:
    folder = written(tmp_path, a__b__r=suite(case("x")), c=suite(case("y")))
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "r.xml").write_text("<testsuites/>")
    names = [f"{folder}/**/*.xml", str(folder), f"{folder}/c.xml", f"{folder}/no.xml"]
    files, unknown = found(names, ".xml")
    told = [one.below for one in files if ".hidden" not in one.path.parts]
    assert told == [Path("a/b/r.xml"), Path("c.xml")]
    assert [one.what for one in unknown] == [f"{folder}/no.xml"]
    with pytest.raises(NotFound, match="no file fits"):
        found([f"{folder}/*.nothing"], ".xml")


def test_a_test_of_any_name_is_kept(tmp_path: Path) -> None:
    record = read(
        written(tmp_path, r=suite(case("x" * 10_000), case("\u202e", FAILED)))
    )
    assert {len(one.test_id) for one in record.results} == {2000, 11}


def test_thousands_of_files_are_one_build(tmp_path: Path) -> None:
    texts = {f"m{i % 7}__TEST-C{i}": suite(case(f"t{i}")) for i in range(2000)}
    record = read(written(tmp_path, **texts))
    assert len(record.results) == 2000
    assert Counter(job.listing for job in record.jobs) == {"all": 7}


@given(st.lists(st.text(max_size=40), max_size=6), st.binary(max_size=60))
def test_whatever_a_file_says_it_is_read_or_refused(
    names: list[str], junk: bytes
) -> None:
    text = "".join(f"<testcase name={quoteattr(name)}/>" for name in names)
    with tempfile.TemporaryDirectory() as folder:  # examples would share a fixture
        path = Path(folder) / "r.xml"
        raw = f"<testsuite>{text}</testsuite>".encode("utf-8", "replace")
        path.write_bytes(raw + junk)
        try:
            record = read(Path(folder))
        except SickbayError:
            return
    assert len(record.results) <= len(names)
    assert {one.job_id for one in record.results} <= {one.job_id for one in record.jobs}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="an-empty-variable"),
        pytest.param("x" * 5_000, id="too-long"),
        pytest.param("a**b/*.xml", id="no-pattern"),
        pytest.param("\0*", id="nul"),
    ],
)
def test_a_name_that_names_nothing_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    written(tmp_path, report=suite(case("x")))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NotFound):
        found([name], ".xml")
