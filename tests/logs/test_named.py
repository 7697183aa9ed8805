from __future__ import annotations

import pytest

from sickbay.core.errors import BadRequest
from sickbay.logs.named import GROUPS, tallies
from tests.logs.streams import stream

EXAMPLES = {
    "compile_error": [b"a.cc:3:4: error: no member", b"x.cs(3): error CS0103: no"],
    "undefined_reference": [b"ld: undefined reference to `f'"],
    "build_failed": [b"BUILD FAILED", b"make[2]: *** [all] Error 1"],
    "failed_test": [b"FAILED test_a.py::test_b", b"FAIL: test_x (t.T)", b"--- FAIL: T"],
    "assertion": [b"E   AssertionError: 1 != 2", b"a.out: f: Assertion `x' failed."],
    "out_of_memory": [b"java.lang.OutOfMemoryError", b"CUDA out of memory"],
    "timeout": [b"ERROR: timeout", b"the job timed out", b"time-out"],
    "disk_full": [b"write: No space left on device"],
    "cuda_error": [b"RuntimeError: CUDA error: an illegal", b"cudaErrorMemory"],
    "cuda_launch": [b"cudaLaunchKernel returned", b"cuLaunchKernel failed"],
    "nccl_error": [b"NCCL WARN Cuda failure", b"ncclSystemError: x"],
    "warning": [b"a.c:1: warning: unused", b"DeprecationWarning: old"],
    "exception": [b"KeyError: 'x'", b"java.lang.IllegalStateException: y"],
    "traceback": [b"Traceback (most recent call last):"],
}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param(name, line, id=f"{name}-{index}")
        for name, lines in EXAMPLES.items()
        for index, line in enumerate(lines)
    ],
)
def test_the_default_patterns_find_what_they_are_named_for(
    name: str, line: bytes
) -> None:
    found = {tally.name: tally.count for tally in tallies(stream(line), GROUPS)}
    assert found[name] == 1


def test_every_default_pattern_has_an_example() -> None:
    assert {name for named in GROUPS.values() for name in named} == set(EXAMPLES)


def test_an_ordinary_line_is_counted_nowhere() -> None:
    line = b"compiling failover.c with errors.h at runtime: 3 tests passed"
    assert not sum(tally.count for tally in tallies(stream(line), GROUPS))


def test_lines_are_counted_and_the_first_are_shown() -> None:
    log = b"a=1\nno\nb=22 b=3\n" * 10
    mine = {"mine": {"pair": r"(\w)=(\d+)", "never": "zzz"}}
    pair, never = tallies(stream(log), mine, samples=3)
    assert (pair.name, pair.group, pair.count) == ("pair", "mine", 20)
    assert [(s.line_number, s.captures) for s in pair.samples] == [
        (1, ("a", "1")),
        (3, ("b", "22")),
        (4, ("a", "1")),
    ]
    assert (never.count, never.samples) == (0, ())


def test_a_bad_pattern_is_called_by_its_name() -> None:
    with pytest.raises(BadRequest, match=r"^broken: .*missing"):
        tallies(stream(b"x"), {"mine": {"good": "x", "broken": "x("}})


def test_too_many_patterns_are_refused() -> None:
    with pytest.raises(BadRequest, match="at most 50"):
        tallies(stream(b"x"), {"mine": {str(n): "x" for n in range(51)}})


def test_no_patterns_find_nothing() -> None:
    assert tallies(stream(b"x"), {}) == ()
