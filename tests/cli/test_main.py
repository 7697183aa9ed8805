from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sickbay
from sickbay.cli.main import main
from sickbay.clients.logcache import LogCache

LOG = """\
+ make
src/engine.cpp:12:5: error: use of undeclared identifier 'tokens'
   12 |     tokens += 1;
      |     ^
make: *** [engine.o] Error 1
"""
PASSED = """\
+ make
g++ -c src/engine.cpp
All built in 3.2 s.
"""
JUNIT = """\
<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="0" failures="1" skipped="0" tests="2">
<testcase classname="tests.test_a" name="test_good" time="0.1"/>
<testcase classname="tests.test_a" name="test_bad" time="0.1"><failure
message="AssertionError: assert 1 == 2">tests/test_a.py:7: AssertionError</failure>
</testcase></testsuite></testsuites>
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "job.log"
    path.write_text(LOG, encoding="utf-8")
    return path


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command as a user starts it."""
    return subprocess.run(
        [sys.executable, "-m", "sickbay", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )


def test_a_page_for_a_person_names_the_line(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(log)]) == 0
    page = capsys.readouterr().out
    assert "use of undeclared identifier 'tokens'" in page
    assert "\x1b" not in page


def test_json_has_the_agreed_shape(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(log), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert list(report) == [
        "schema", "source", "bytes", "lines", "ci", "verdict", "causes", "rule_match",
        "tests", "coverage",
    ]  # fmt: skip
    assert report["schema"] == 1
    assert report["lines"] == 5
    assert set(report["verdict"]) == {"category", "confidence", "reason", "evidence"}
    assert set(report["causes"][0]) == {
        "rank", "line_start", "line_end", "text", "rule", "captures", "score",
        "evidence",
    }  # fmt: skip
    assert report["verdict"]["category"] == "code"
    best = report["causes"][0]
    assert best["line_start"] <= 2 <= best["line_end"]


def test_python_and_command_line_say_the_same(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["explain", str(log), "--format", "json"])
    said = json.loads(capsys.readouterr().out)
    assert json.loads(json.dumps(sickbay.explain(log).to_dict())) == said


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_check_tells_a_failure_by_the_exit_status(
    log: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    calm = tmp_path / "calm.log"
    calm.write_text("one\ntwo\n", encoding="utf-8")
    assert main(["explain", str(log), "--check", "--format", form]) == 1
    assert main(["explain", str(calm), "--check", "--format", form]) == 0
    assert capsys.readouterr().err == ""


def test_a_pipe_is_explained() -> None:
    done = run("explain", "-", "--format", "json", stdin=gzip.compress(LOG.encode()))
    assert done.returncode == 0
    assert json.loads(done.stdout)["source"] == "-"


def test_a_log_of_the_cache_is_explained_by_its_handle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SICKBAY_CACHE", str(tmp_path))
    kept = LogCache(tmp_path / "logs").put([LOG.encode()], origin="test")
    assert main(["explain", kept.handle, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["source"], report["lines"]) == (kept.handle, 5)
    assert main(["explain", "log:0000000000000000"]) == 2
    assert "log:0000000000000000" in capsys.readouterr().err


def test_a_folder_gives_reports_and_clusters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for shard in range(3):
        (tmp_path / f"shard-{shard}.log").write_text(LOG, encoding="utf-8")
    (tmp_path / "broken.log.gz").write_bytes(b"\x1f\x8b\x08\x00")
    assert main(["explain", str(tmp_path), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["schema", "reports", "clusters", "coverage"]
    assert len(document["reports"]) == 3
    assert len(document["clusters"]) == 1
    assert len(document["clusters"][0]["sources"]) == 3
    assert document["clusters"][0]["headline"] == "1 cause x 3 jobs"
    assert document["coverage"]["skipped"][0]["what"].endswith("broken.log.gz")


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_diff_shows_what_only_the_failing_log_says(
    log: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    passed = tmp_path / "passed.log"
    passed.write_text(PASSED, encoding="utf-8")
    assert main(["diff", str(passed), str(log), "--format", form]) == 0
    shown = capsys.readouterr().out
    assert "undeclared identifier" in shown
    assert "All built" not in shown


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_cluster_says_how_many_logs_a_cause_has(
    log: Path, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.log"
    other.write_text(LOG.replace("12:5", "14:5"), encoding="utf-8")
    assert main(["cluster", str(log), str(other), "--format", form]) == 0
    assert "2 " in capsys.readouterr().out


def test_a_junit_file_is_explained_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT, encoding="utf-8")
    assert main(["explain", str(path), "--format", "json"]) == 0
    tests = json.loads(capsys.readouterr().out)["tests"]
    assert [test["test_id"] for test in tests["failed"]] == [
        "tests/test_a.py::test_bad"
    ]
    assert tests["expected_failed"] == 1


def test_a_rule_file_decides_the_match(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        "[[rule]]\nname = 'mine'\npattern = '^make: (.*)'\n", encoding="utf-8"
    )
    main(["explain", str(log), "--rules", str(rules), "--format", "json"])
    assert json.loads(capsys.readouterr().out)["rule_match"] == {
        "rule": "mine",
        "rule_index": 0,
        "line_number": 5,
        "line": "make: *** [engine.o] Error 1",
        "captures": ["*** [engine.o] Error 1"],
    }


BAD_RULES = {
    "syntax.toml": b"[[rule]]\nname = \n",
    "pattern.toml": b"[[rule]]\nname = 'x'\npattern = 'a(b'\n",
    "latin.toml": b"[[rule]]\nname = '\xe9'\n",
    "empty.toml": b"",
}


@pytest.mark.parametrize("name", BAD_RULES)
def test_a_bad_rule_file_is_named_in_one_line(
    log: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / name
    rules.write_bytes(BAD_RULES[name])
    assert main(["explain", str(log), "--rules", str(rules)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert name in said.err


BAD_LOGS = {
    "missing.log": None,
    "empty.log": b"",
    "binary.log": bytes(range(256)) * 20,
    "cut.log.gz": gzip.compress(os.urandom(5000))[:3000],
}


@pytest.mark.parametrize("name", BAD_LOGS)
def test_an_unreadable_log_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    content = BAD_LOGS[name]
    if content is not None:
        path.write_bytes(content)
    done = run("explain", path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert name.encode() in done.stderr


def test_a_folder_without_logs_is_named(tmp_path: Path) -> None:
    done = run("explain", tmp_path)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


def test_bad_usage_is_status_2() -> None:
    assert run("explain").returncode == 2
    assert run("frobnicate").returncode == 2


def test_a_reader_that_has_seen_enough_is_no_error(log: Path) -> None:
    command = [sys.executable, "-m", "sickbay", "explain", str(log)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


HEAVY = (
    *("mcp", "fastmcp", "pydantic", "cyclopts", "duckdb", "matplotlib", "numpy"),
    "rapidfuzz",
)
EXAMPLE = Path(__file__).parents[2] / "docs/examples/failed.log"


@pytest.mark.parametrize("example", [True, False], ids=["tests", "no-tests"])
def test_explaining_a_small_log_loads_nothing_heavy(
    log: Path, *, example: bool
) -> None:
    log = EXAMPLE if example else log
    code = (
        "import sys; from sickbay.cli.main import main;"
        f"main(['explain', {str(log)!r}]);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stderr.strip() == "[]"
