from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.anchors import Anchor
from sickbay.logs.catalogue import Catalogue
from sickbay.logs.frameworks import all_sessions
from sickbay.logs.keep import Limits
from sickbay.logs.rules.load import parse_rules
from sickbay.logs.runs import FEWEST, Runs
from sickbay.logs.scan import Scanner
from tests.logs.frameworks.samples import anchors_only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.log import Log

DULL = Anchor("x.dull", r"^[a-z]+ ok(?: \d+)?$", word=" ok")
OTHER = Anchor("y.dull", r"^[a-z]+ (?:ok|fine)$", word=" fine")
SMALL = Limits(block=900, max_line=3000, whole=1000, tail=300)

LINES = st.sampled_from(
    [b"one ok", b"two ok 12", b"two okay", b"ok", b"", b"one fine", b"one ok  "]
)
IDS = ("test_a.py::test_one", "t/b.py::TestB::test_two[x]", "c.py::C::()::test_three")
SAID = (
    "PASSED", "FAILED", "SKIPPED", "RERUN", "", "PASSED [0.1s] [ 50%]", "PASSED [3/9]",
    "PASSED [12ms]", "SKIPPED [0.1s] (no GPU) [ 5%]", "SKIPPED (2 in 3s)", "XFAIL [1s]",
    "SKIPPED (Fatal Python error: so it says)",
)  # fmt: skip
OTHERS = (
    "===== test session starts =====", "===== FAILURES =====", "___ test_one ___",
    "E   AssertionError: no", "test_a.py:3: AssertionError", "PASSED", "noise",
    "===== 1 failed, 3 passed in 1.2s =====", "Fatal Python error: Aborted",
    "---- Captured stdout call ----", "FAILED test_a.py::test_one - no", "retrying",
    "=== short test summary info ===", "FAILED CONSISTENTLY: test/test_a.py::test_one",
    "test_a 1/1 failed!", "py3: ===== test session starts =====",
)  # fmt: skip


@st.composite
def transcripts(draw: st.DrawFn) -> bytes:
    """Output of pytest with many runs, in no sensible order."""
    lines = [OTHERS[0]]
    for _ in range(draw(st.integers(0, 12))):
        if draw(st.booleans()):
            said = draw(st.sampled_from((*SAID, *SAID[:1] * 9)))
            test_id, times = draw(st.sampled_from(IDS)), draw(st.integers(1, 12))
            lines += [f"{test_id}{n % 3} {said}" for n in range(times)]
        else:
            lines.append(draw(st.sampled_from(OTHERS)))
    return "\n".join(lines).encode() + draw(st.sampled_from([b"", b"\n"]))


@dataclass(frozen=True)
class OneByOne(Catalogue):
    """Wakes the readers for every line: what runs have to amount to."""

    runs: ClassVar[Sequence[Anchor]] = ()


@cache
def one_by_one() -> Catalogue:
    return OneByOne((), 0)


def read(data: bytes, wanted: Catalogue, limits: Limits | None = None) -> Log:
    scanner = Scanner(wanted, source="log", limits=limits)
    scanner.feed(data)
    return scanner.finish()


@given(lines=st.lists(LINES, max_size=60), end=st.sampled_from([b"", b"\n"]))
def test_runs_are_all_the_neighbouring_lines_that_match(
    lines: list[bytes], end: bytes
) -> None:
    block = b"\n".join(lines) + end
    dull = re.compile(DULL.pattern.encode())
    letters = "".join(
        "d" if dull.match(line) else "." for line in block.split(b"\n")[:-1]
    )
    at = [0]
    for line in block.split(b"\n")[:-1]:
        at.append(at[-1] + len(line) + 1)
    truth = [
        (at[match.start()], at[match.end()], match.end() - match.start())
        for match in re.finditer(rf"d{{{FEWEST},}}", letters)
    ]
    found = Runs([DULL]).of(block)
    assert [(run.start, run.stop, run.lines) for run in found] == truth


@given(lines=st.lists(LINES, max_size=60))
def test_runs_of_two_anchors_do_not_overlap(lines: list[bytes]) -> None:
    found = Runs([OTHER, DULL]).of(b"\n".join(lines) + b"\n")
    edges = [edge for run in found for edge in (run.start, run.stop)]
    assert edges == sorted(edges)


@given(data=transcripts())
def test_a_run_tells_what_its_lines_tell_one_by_one(data: bytes) -> None:
    together, apart = read(data, anchors_only()), read(data, one_by_one())
    assert all_sessions(together) == all_sessions(apart)


@given(data=transcripts())
def test_a_run_is_kept_of_a_log_too_big_to_keep(data: bytes) -> None:
    together, apart = (
        read(data * 3, wanted, SMALL) for wanted in (anchors_only(), one_by_one())
    )
    assert list(together.lines) == list(apart.lines)
    assert all_sessions(together) == all_sessions(apart)


@pytest.mark.parametrize(
    "end", [pytest.param("", id="bare"), pytest.param(" [0.1s] [ 5%]", id="timed")]
)
def test_no_reader_is_woken_for_each_line_of_a_run(end: str) -> None:
    lines = [f"test_a.py::test_{n} PASSED{end}" for n in range(100)]
    log = read("\n".join([*OTHERS[:1], *lines, OTHERS[7], ""]).encode(), anchors_only())
    assert log.marks.runs == {"pytest.harmless": [range(2, 102)]}
    assert log.marks.at("pytest.test") == ()
    (session,) = all_sessions(log)
    assert len(session.passed) == 100


def test_a_rule_still_sees_every_line_of_a_run() -> None:
    rules = parse_rules("[[rule]]\nname='r'\npattern='test_7 PASS'", file="r.toml")
    lines = [f"test_a.py::test_{n} PASSED" for n in range(20)]
    log = read("\n".join([*lines, ""]).encode(), Catalogue(rules, 1))
    assert [hit.number for hit in log.hits] == [8]


def test_a_test_that_failed_and_then_passed_in_a_run_is_known_to_have() -> None:
    lines = [f"test_a.py::test_{n} PASSED" for n in range(20)]
    text = [OTHERS[0], "test_a.py::test_7 RERUN", *lines, "== 20 passed in 1s ==", ""]
    (session,) = all_sessions(read("\n".join(text).encode(), anchors_only()))
    (result,) = session.failed
    assert (result.test_id, result.attempts) == (
        "test_a.py::test_7",
        ("rerun", "passed"),
    )


def test_lines_too_long_to_keep_whole_make_no_run() -> None:
    lines = [f"test_a.py::test_{'x' * 70_000}{n} PASSED" for n in range(20)]
    log = read("\n".join([OTHERS[0], *lines, ""]).encode(), anchors_only())
    assert not log.marks.runs
    assert all_sessions(log)
