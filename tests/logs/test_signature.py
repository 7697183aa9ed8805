from __future__ import annotations

import pytest

from sickbay.logs.frameworks.results import Frame, TestResult
from sickbay.logs.report import Cause
from sickbay.logs.signature import (
    in_test,
    is_generic,
    likeness,
    of_cause,
    of_test,
    said,
    signature,
)

FRAMES = (
    Frame("tests/test_load.py", 12, "test_load"),
    Frame("src/load/reader.py", 40, "read"),
    Frame("/usr/lib/python3.11/json/decoder.py", 355, "raw_decode"),
)


def test_same_failure_in_another_run_has_the_same_signature() -> None:
    one = signature(
        exception="json.JSONDecodeError",
        message="bad file /home/runner/work/load/load/data/a.json after 0.35s at 0x7f1",
        frames=FRAMES,
    )
    checkout = "/builds/group/load/"
    other = signature(
        exception="JSONDecodeError",
        message=f"bad file {checkout}data/a.json after 12.1s at 0x8ab",
        frames=[
            Frame(checkout + "tests/test_load.py", 14, "test_load[case-1]"),
            Frame(checkout + "src/load/reader.py", 44, "read"),
            Frame("/opt/venv/lib/python3.12/site-packages/simplejson/x.py", 1, "f"),
        ],
    )
    assert one == other
    assert len(one) == 16
    assert int(one, 16) >= 0


@pytest.mark.parametrize(
    ("exception", "message", "frames"),
    [
        pytest.param("ValueError", "bad file", FRAMES, id="exception"),
        pytest.param("KeyError", "good file", FRAMES, id="message"),
        pytest.param("KeyError", "bad file", FRAMES[:1], id="place"),
        pytest.param("KeyError", "bad file, exit code 2", FRAMES, id="exit-code"),
        pytest.param(None, "bad file", FRAMES, id="no-exception"),
    ],
)
def test_another_failure_has_another_signature(
    exception: str | None, message: str, frames: tuple[Frame, ...]
) -> None:
    first = signature(exception="KeyError", message="bad file", frames=FRAMES)
    assert signature(exception=exception, message=message, frames=frames) != first


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(Frame("/x/site-packages/torch/nn.py", 1, "f"), id="installed"),
        pytest.param(Frame("../lib/python3.11/unittest/case.py", 1, "run"), id="std"),
        pytest.param(Frame("_pytest/runner.py", 1, "call"), id="runner"),
        pytest.param(Frame("node_modules/jest-circus/run.js", 1, "run"), id="node"),
        pytest.param(Frame("node:internal/process.js", 1, "tick"), id="node-core"),
        pytest.param(Frame("Assert.java", 86, "org.junit.Assert.fail"), id="junit"),
        pytest.param(Frame("<frozen runpy>", 88, "_run"), id="frozen"),
    ],
)
def test_foreign_frame_does_not_count(frame: Frame) -> None:
    assert signature(exception="E", message="m", frames=(*FRAMES, frame)) == signature(
        exception="E", message="m", frames=FRAMES
    )


DOSE = Frame("src/dosage.py", 8, "dose")


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([Frame("test_dosage.py", 11, "test_child"), DOSE], id="test"),
        pytest.param(
            [Frame("tests/e.py", 9, "test_all"), Frame("src/api.py", 3, "f"), DOSE],
            id="other-door",
        ),
        pytest.param([DOSE], id="no-test"),
    ],
)
def test_one_place_in_the_product_is_one_cause_in_any_test(frames: list[Frame]) -> None:
    first = [Frame("test_dosage.py", 8, "test_adult"), DOSE]
    assert signature(
        exception="KeyError", message="'max_mg'", frames=frames
    ) == signature(exception="KeyError", message="'max_mg'", frames=first)


def test_same_words_from_another_place_in_the_product_are_another_cause() -> None:
    test = Frame("test_dosage.py", 8, "test_adult")
    names = {
        signature(
            exception="KeyError",
            message="'max_mg'",
            frames=[test, Frame("src/dosage.py", 8, function)],
        )
        for function in ("dose", "limit")
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    ("message", "names"),
    [
        pytest.param("assert 41 == 42", 2, id="tells-little"),
        pytest.param("the cache server gave no answer", 1, id="tells-enough"),
    ],
)
def test_of_a_failure_in_the_test_itself_the_message_decides(
    message: str, names: int
) -> None:
    product = Frame("src/dosage.py", 8, "each")
    found = {
        signature(
            exception="AssertionError",
            message=message,
            frames=[product, Frame("tests/test_dosage.py", line, function)],
        )
        for line, function in ((3, "test_adult"), (9, "test_child"))
    }
    assert len(found) == names


@pytest.mark.parametrize(
    ("path", "function", "test"),
    [
        ("test_dosage.py", "dose", True),
        ("/builds/group/load/tests/server.py", "start", True),
        ("conftest.py", "client", True),
        ("torch/testing/_internal/common_utils.py", "assertEqual", True),
        ("spec/support/server.rb", "start", True),
        ("src/test/java/org/Base.java", "org.Base.setUp", True),
        ("LoaderTest.java", "org.LoaderTest.loads", True),
        ("Base.java", "org.TestLoader.loads", True),
        ("pkg/load_test.go", "pkg.loads", True),
        ("src/load.spec.ts", "loads", True),
        ("src/lib.rs", "load::tests::loads", True),
        ("src/lib.rs", "load::read", False),
        ("src/latest.py", "newest", False),
        ("src/contest/attest.py", "newest", False),
        ("src/special.py", "test_connection", False),
        ("Testament.java", "org.Testament.read", False),
        ("C:/a/test/test/src/read.py", "read", False),
    ],
)
def test_file_of_tests_is_known_by_its_name(
    path: str, function: str, *, test: bool
) -> None:
    assert in_test(Frame(path, 1, function)) is test


@pytest.mark.parametrize(
    "message",
    [
        "Engine core initialization failed. See root cause above.",
        "worker died",
        "Worker failed, see the stack trace above for the root cause",
        "EngineDeadError: the engine is gone",
    ],
)
def test_symptom_has_no_signature_of_its_own(message: str) -> None:
    assert not signature(exception="RuntimeError", message=message)


@pytest.mark.parametrize(
    "message",
    [
        "worker 'gw0' crashed while running 'tests/a.py::test'",
        "DataLoader worker (pid 12) was killed by signal: Killed",
        "the coworkers exited",
    ],
)
def test_death_with_a_reason_is_no_symptom(message: str) -> None:
    assert signature(exception="RuntimeError", message=message)


def result(test_id: str, message: str | None, exception: str | None) -> TestResult:
    return TestResult(test_id, "pytest", "failed", 3, message, exception)


def test_assertion_that_says_nothing_is_known_by_its_test() -> None:
    one = of_test(result("t.py::test_a", "assert False", "AssertionError"))
    other = of_test(result("t.py::test_b", "assert False", "AssertionError"))
    assert one != other


def test_message_that_tells_is_known_in_any_test() -> None:
    message = "CUDA driver initialization failed, is there a device"
    one = of_test(result("t.py::test_a", message, "RuntimeError"))
    other = of_test(result("t.py::test_b", message, "RuntimeError"))
    assert one == other


def test_silent_failure_is_known_by_its_test() -> None:
    assert of_test(result("a", None, None)) != of_test(result("b", None, None))


def cause(text: str, rule: str | None = None) -> Cause:
    return Cause(1, 5, 9, text, rule, (), 0.9)


def test_cause_is_known_by_the_line_that_tells_most() -> None:
    text = "Traceback:\n  File 'x.py'\nfoo.BarError: no route to 10.0.0.7\n"
    assert said(cause(text)) == ("foo.BarError", "no route to 10.0.0.7")
    other = "something else\n[x] foo.BarError: no route to 10.9.9.9"
    assert of_cause(cause(text)) == of_cause(cause(other))


def test_cause_without_an_exception_is_known_by_its_rule() -> None:
    text = "collect2: ld returned 1 exit status"
    assert of_cause(cause(text, "linker")) != of_cause(cause(text, "other"))


def test_empty_cause_has_a_signature() -> None:
    assert of_cause(cause(""))


@pytest.mark.parametrize("text", ["", "assert False", "assert <N> == <N>", "x is None"])
def test_little_said_is_generic(text: str) -> None:
    assert is_generic(text)


def test_sentence_is_not_generic() -> None:
    assert not is_generic("driver initialization failed, no device found")


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("[ERROR] cannot find symbol", "[INFO] Building core"),
        ("ValueError: x", "loading errors.py"),
        ("2 errors", "0 errors"),
        ("Failures: 1, Errors: 0", "Failures: 0, Errors: 0"),
        ("error: unused variable", "warning: unused variable, was an error"),
    ],
)
def test_failure_looks_more_like_one_than_what_is_fine(worse: str, better: str) -> None:
    assert likeness(worse) > likeness(better)
