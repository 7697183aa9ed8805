from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sickbay import api
from sickbay.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
PASSED, FAILED = EXAMPLES / "passed.log", EXAMPLES / "failed.log"


def differences(
    capsys: pytest.CaptureFixture[str], passed: object, failed: object
) -> tuple[int, dict[str, object]]:
    """New lines, and the whole JSON, of what the command prints."""
    assert main(["diff", str(passed), str(failed), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    return found["new_lines"], found


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_equal_logs_differ_in_nothing(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(FAILED), str(FAILED), "--format", form]) == 0
    shown = capsys.readouterr().out
    told = '"hunks": []' if form == "json" else "both logs say the same"
    assert told in shown


@pytest.mark.parametrize(
    ("passed", "failed", "new"),
    [
        pytest.param(b"one", b"one", 0, id="one-line"),
        pytest.param(b"one\n", b"error: two", 1, id="another-line"),
        pytest.param(b"\n", b"\n\n\n", 0, id="blank"),
        pytest.param(b"one\ntwo\nthree\n", b"one\n", 0, id="fewer-lines"),
        pytest.param(b"\xff\xfeo\x00", b"\xe9\r\n\x00", 1, id="odd-encodings"),
    ],
)
def test_short_logs_are_compared(
    tmp_path: Path,
    passed: bytes,
    failed: bytes,
    new: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    one, other = tmp_path / "passed.log", tmp_path / "failed.log"
    one.write_bytes(passed)
    other.write_bytes(failed)
    assert differences(capsys, one, other)[0] == new


def test_packed_log_is_compared_like_the_plain_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "failed.log.gz"
    packed.write_bytes(gzip.compress(FAILED.read_bytes()))
    _, plain = differences(capsys, PASSED, FAILED)
    _, unpacked = differences(capsys, PASSED, packed)
    assert unpacked == {**plain, "failed": str(packed)}


@pytest.mark.parametrize("which", ["passed", "failed"])
def test_one_of_the_logs_may_come_through_a_pipe(
    which: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = {"passed": PASSED, "failed": FAILED}
    _, plain = differences(capsys, PASSED, FAILED)
    command = [sys.executable, "-m", "sickbay", "diff", "--format", "json"]
    names = [str("-" if name == which else path) for name, path in logs.items()]
    done = subprocess.run(
        [*command, "--", *names],
        input=logs[which].read_bytes(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == {**plain, which: "-"}


BAD = {
    "missing.log": (None, "no such file"),
    "empty.log": (b"", "is empty"),
    "binary.log": (bytes(range(256)) * 20, "is no text"),
    "cut.log.gz": (gzip.compress(bytes(range(256)))[:60], "is damaged"),
}


@pytest.mark.parametrize("first", [True, False], ids=["passed", "failed"])
@pytest.mark.parametrize("name", BAD)
def test_unreadable_log_is_named_in_one_line(
    tmp_path: Path, name: str, *, first: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    content, why = BAD[name]
    if content is not None:
        path.write_bytes(content)
    both = [path, PASSED] if first else [PASSED, path]
    assert main(["diff", *map(str, both)]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert name in said.err
    assert why in said.err


@pytest.mark.parametrize(
    ("names", "why"),
    [
        pytest.param(["-", "-"], "stdin can be one of the two logs only", id="stdin"),
        pytest.param([str(PASSED), str(EXAMPLES)], "is a folder", id="folder"),
    ],
)
def test_what_is_not_one_log_each_is_refused(
    names: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *names]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert why in said.err


def test_hunk_on_the_best_cause_of_the_failure_comes_first() -> None:
    best = api.diff(PASSED, FAILED).hunks[0]
    cause = api.explain(FAILED).causes[0]
    assert best.line_start <= cause.line_start <= best.line_end
    assert best.kind == "failure"


def test_every_line_of_a_log_too_big_to_keep_is_compared(tmp_path: Path) -> None:
    block = b"".join(b"step %d of the build went well\n" % n for n in range(25_000))
    passed, failed = tmp_path / "passed.log", tmp_path / "failed.log"
    passed.write_bytes(block * 45)
    failed.write_bytes(block * 40 + b"quiet words of another kind\n" + block * 5)
    found = api.diff(passed, failed)
    assert found.new_lines == 1
    assert found.hunks[0].line_start == 40 * 25_000 + 1
    assert found.coverage.examined == found.coverage.total == 45 * 25_000 + 1
