"""The spans that a person would point at; the logs here are written by hand."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.logs.catalogue import catalogue
from sickbay.logs.causes import causes
from sickbay.logs.causes.evidence import WORDS
from sickbay.logs.causes.filler import is_blank, is_frame, is_progress, is_wrapper
from sickbay.logs.causes.kinds import KINDS, _matcher, kinds
from sickbay.logs.causes.rank import score
from sickbay.logs.causes.scopes import scopes
from sickbay.logs.causes.weights import WEIGHTS
from sickbay.logs.frameworks.results import Problem, Session, TestResult
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from sickbay.logs.log import Log
    from sickbay.logs.report import Cause

TRAVIS = """\
$ ./install.sh
curl: (6) Could not resolve host: mirror.example.org
Error: falling back to the second mirror
The command "./install.sh" exited with 0.

$ make check
cc -O2 -c parse.c
parse.c: In function 'parse':
parse.c:12:9: error: 'lenght' undeclared (first use in this function)
     int n = lenght(text);
             ^~~~~~
make: *** [Makefile:4: parse.o] Error 1
The command "make check" exited with 2.

$ ./upload.sh
ERROR: failed to upload: out.tar.gz: no such file or directory

Done. Your build exited with 1.
"""

GITHUB = """\
##[group]Run npm ci
npm ci
##[endgroup]
npm WARN deprecated left-pad@1.3.0: use String.prototype.padStart()
added 812 packages in 9s
##[group]Run npm test
npm test
shell: /usr/bin/bash -e {0}
##[endgroup]
> app@1.0.0 test
> node check.js
Error: Cannot find module './settings'
    at Module._resolveFilename (node:internal/modules/cjs/loader:1134:15)
    at Module._load (node:internal/modules/cjs/loader:975:27)
    at Module.require (node:internal/modules/cjs/loader:1225:19)
npm ERR! code 1
npm ERR! A complete log of this run can be found in:
npm ERR!     /home/ci/.npm/_logs/debug-0.log
##[error]Process completed with exit code 1.
Post job cleanup.
"""

TRACEBACK = """\
Starting the job
Traceback (most recent call last):
  File "/app/main.py", line 40, in <module>
    run()
  File "/app/main.py", line 31, in run
    load(path)
  File "/app/main.py", line 12, in load
    return json.load(file)
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
"""

CASCADE = """\
starting 8 workers
(Worker pid=11) ERROR RuntimeError: CUDA driver initialization failed, no CUDA gpu
(Worker pid=12) INFO waiting
RuntimeError: Engine core initialization failed. See root cause above.
"""

SCRIPT = """\
$ bash -c "
all good
lint/check.rb:4:1: C: Missing magic comment
The command "bash -c "
if test -n x; then
  echo error: this is the script, not its output
fi
" exited with 1.
Done. Your build exited with 1.
"""


WANTED = cache(catalogue)


def read(raw: bytes) -> Log:
    return read_log(raw, wanted=WANTED())


def explained(text: str, *sessions: Session) -> tuple[Cause, ...]:
    return causes(read(text.encode()), sessions)


def test_the_failed_commands_error_beats_louder_lines_elsewhere() -> None:
    best = explained(TRAVIS)[0]
    assert (best.line_start, best.line_end) == (8, 11)
    assert "in the first command that failed" in best.evidence


def test_a_diagnostic_keeps_its_source_line_and_caret() -> None:
    assert explained(TRAVIS)[0].text.endswith("lenght(text);\n             ^~~~~~")


def test_boilerplate_of_outer_tools_is_no_cause() -> None:
    best = explained(GITHUB)[0]
    assert "Cannot find module './settings'" in best.text
    assert "npm ERR!" not in best.text


def test_a_span_shows_at_most_two_frames_below_its_message() -> None:
    best = explained(GITHUB)[0]
    assert best.text.count("    at Module.") == 2


def test_a_traceback_is_pointed_at_where_it_says_what_was_raised() -> None:
    best = explained(TRACEBACK)[0]
    assert best.text.endswith("Expecting value: line 1 column 1 (char 0)")
    assert "line 12, in load\n    return json.load(file)" in best.text


def test_a_cascade_never_beats_what_it_followed_from() -> None:
    best = explained(CASCADE)[0]
    assert "CUDA driver initialization failed" in best.text


def test_the_text_of_a_quoted_script_is_not_its_output() -> None:
    (scope,) = scopes(read(SCRIPT.encode()))
    assert (scope.first, scope.last) == (2, 3)


def test_output_starts_below_the_header_of_a_step() -> None:
    (scope,) = scopes(read(GITHUB.encode()))
    assert scope.first == 10


def test_a_failed_test_points_at_its_own_span() -> None:
    lines = ["ERROR: printed by a passing test", *["."] * 20, "a.py:3: x", "3 passed"]
    test = TestResult(
        "a.py::test_x", "pytest", "failed", line=22, message="x", span=(22, 22)
    )
    session = Session("pytest", 1, 23, failed=(test,))
    best = explained("\n".join(lines), session)[0]
    assert best.line_start == 22
    assert best.evidence[0] == "test failed: a.py::test_x"


def test_a_test_that_passed_when_repeated_points_at_nothing() -> None:
    test = TestResult("a::b", "pytest", "failed", line=2, message="flaky")
    first = Session("pytest", 1, 3, failed=(test,))
    second = Session("pytest", 4, 6, passed=frozenset({"a::b"}))
    text = "start\nE  flaky\n1 failed\nagain\na::b ok\n1 passed\n"
    assert not any("a::b" in c.evidence[0] for c in explained(text, first, second))


def test_many_tests_with_one_message_are_one_cause() -> None:
    lines = [f"FAILED t.py::test_{n} - OSError: no device" for n in range(9)]
    tests = [
        TestResult(f"t.py::test_{n}", "pytest", "failed", n + 1, "no device", "OSError")
        for n in range(9)
    ]
    found = explained("\n".join(lines), Session("pytest", 1, 9, failed=tests))
    assert len(found) == 1
    assert "9 places in the log say the same" in found[0].evidence


def test_a_session_that_failed_as_a_whole_is_a_cause() -> None:
    text = "collecting\nERROR: file or directory not found: tset\n"
    problem = Problem(2, 2, "file or directory not found: tset")
    best = explained(text, Session("pytest", 1, 2, problem=problem))[0]
    assert best.evidence[0] == "the test run failed as a whole"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("building\n0 errors, 0 failures\nall good\n", id="zero counts"),
        pytest.param("cc -Werror a.c\nok\n", id="flags"),
        pytest.param("error: try 1\nFinished: SUCCESS\n", id="Jenkins says so"),
        pytest.param(
            "##[group]Run x\necho ERROR\n##[endgroup]\nCleaning up orphan processes\n",
            id="GitHub raised no error",
        ),
        pytest.param("warning: deprecated call in a.c\ndone\n", id="warnings only"),
    ],
)
def test_a_log_in_which_nothing_failed_has_no_cause(text: str) -> None:
    assert explained(text) == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("src/a.c:3:9: error: no member", "diagnostic", id="gcc"),
        pytest.param("a.cs(39,17): error CS0246: no type", "diagnostic", id="csc"),
        pytest.param("error[E0308]: mismatched types", "diagnostic", id="rustc"),
        pytest.param("  12:2  error  Unnecessary semicolon", "linter", id="eslint"),
        pytest.param("urllib3.exceptions.HTTPError: 503", "exception", id="python"),
        pytest.param("** (CompileError) lib/a.ex:1: no", "exception", id="elixir"),
        pytest.param("  \u2717 adds two numbers", "mark", id="cross"),
        pytest.param("  1) Parser reads an empty file:", "entry", id="mocha"),
        pytest.param("There was 1 failure:", "heading", id="phpunit"),
        pytest.param("Segmentation fault (core dumped)", "crash", id="crash"),
    ],
)
def test_a_line_is_known_for_what_it_is(text: str, kind: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Tests: 5, Failures: 0, Errors: 0", id="zero counts"),
        pytest.param("no errors found", id="no errors"),
        pytest.param("GET /static/error_page.html", id="file name"),
        pytest.param("g++ -Werror=all main.cc", id="flag"),
        pytest.param("test_error_handler", id="identifier"),
    ],
)
def test_words_that_report_no_failure_do_not_count(text: str) -> None:
    assert "word" not in kinds(text)


@pytest.mark.parametrize(
    ("judge", "text", "expected"),
    [
        pytest.param(is_wrapper, "make: *** [all] Error 2", True, id="make"),
        pytest.param(is_wrapper, "npm ERR! code ELIFECYCLE", True, id="npm"),
        pytest.param(is_wrapper, "npm ERR! 404 Not Found: left-pad", False, id="404"),
        pytest.param(is_wrapper, "error: expected ';'", False, id="compiler"),
        pytest.param(is_frame, "  at a.b.C.d(C.java:12)", True, id="java frame"),
        pytest.param(is_frame, "attach failed: busy", False, id="no frame"),
        pytest.param(is_progress, "[ 17 of 147] Compiling A", True, id="ghc"),
        pytest.param(is_progress, "Compile error in A", False, id="no progress"),
        pytest.param(is_blank, "=====", True, id="ruler"),
        pytest.param(is_blank, "= x", False, id="text"),
    ],
)
def test_filler_is_told_from_messages(judge: object, text: str, expected: bool) -> None:  # noqa: FBT001 - a table
    assert callable(judge)
    assert judge(text) is expected


@given(st.lists(st.sampled_from([*" \tab1:.()[]", "error", "FAIL", "\u2717", "E"])))
def test_all_kinds_at_once_are_the_kinds_one_by_one(parts: list[str]) -> None:
    line = "".join(parts)
    one_by_one = {name for name, found in KINDS.items() if re.search(found, line)}
    assert _matcher()(line) == one_by_one


def test_weights_and_words_name_features_that_exist() -> None:
    kinds_weighed = {name[3:] for name in WEIGHTS if name.startswith("is_")}
    assert kinds_weighed <= set(KINDS)
    assert {name for name in WORDS if name.startswith("is_")} <= set(WEIGHTS)


PIECES = st.sampled_from(
    [
        b"$ make\n",
        b'The command "make" exited with 1.\n',
        b'The command "make" exited with 0.\n',
        b"a.c:1:2: error: x\n",
        b"Traceback (most recent call last):\n",
        b'  File "a.py", line 1, in f\n',
        b"ValueError: x\n",
        b"1) test\n",
        b"FAILED t.py::test_a - AssertionError: x\n",
        b"make: *** [all] Error 2\n",
        b"##[error]Process completed with exit code 1.\n",
        b"##[group]Run x\n",
        b"\n",
        b"Error\xff\x00: \xe2\x28\n",
    ]
)


@given(st.lists(PIECES, max_size=60), st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_causes_are_short_and_in_the_log_whatever_it_holds(
    pieces: list[bytes], rest: bytes
) -> None:
    log = read(b"".join(pieces) + rest)
    found = causes(log, ())
    assert [cause.rank for cause in found] == list(range(1, len(found) + 1))
    assert len(found) <= 10
    for cause in found:
        assert 1 <= cause.line_start <= cause.line_end <= log.lines.total
        assert cause.line_end - cause.line_start < 10
        assert 0 <= cause.score <= 1


@given(names=st.lists(st.sampled_from(sorted(WEIGHTS)), unique=True), data=st.data())
def test_the_order_of_features_does_not_change_the_score(
    names: list[str], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(names))
    assert score(again, WEIGHTS) == score(names, WEIGHTS)
