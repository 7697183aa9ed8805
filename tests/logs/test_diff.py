from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.anchors import Marks
from sickbay.logs.diff import MAX_HUNKS, diff, diff_blocks
from sickbay.logs.hunks import CONTEXT, MAX_HUNK_LINES
from sickbay.logs.lines import Lines, Run
from sickbay.logs.log import Log
from sickbay.logs.report import Cause

if TYPE_CHECKING:
    from sickbay.logs.diff import Diff
    from sickbay.logs.hunks import Hunk

PASSED = """\
Cloning into app at 3f2a91bc4d
[1/3] Building CXX object a.o
[2/3] Building CXX object b.o
[3/3] Linking app
Downloading foo-1.2.3.tar.gz (12 kB) in 3s
Running 12 tests
test one ... ok (0.12 s)
test two ... ok (0.15 s)
Finished in 2.1 s
"""
FAILED = """\
Cloning into app at 77aa01bc4d
[2/3] Building CXX object b.o
[1/3] Building CXX object a.o
[3/3] Linking app
Downloading foo-1.2.4.tar.gz (13 kB) in 12s
Running 12 tests
test one ... ok (0.32 s)
thread 'two' panicked at src/two.rs:12:5:
error: assertion failed: left == right
test two ... FAILED
Finished in 12.1 s
"""


def lines(text: str) -> Lines:
    return Lines([Run(1, text.encode().split(b"\n"))], text.count("\n") + 1)


def blocks(text: str) -> Diff:
    return diff_blocks([PASSED.encode()], [text.encode()])


def shown(hunk: Hunk) -> list[str]:
    return [line.text for line in hunk.lines if line.status != "same"]


def test_only_what_the_failing_log_says_is_shown() -> None:
    best = diff(lines(PASSED), lines(FAILED)).hunks[0]
    assert (best.line_start, best.line_end) == (8, 10)
    assert best.kind == "failure"
    assert shown(best) == FAILED.splitlines()[7:10]


def test_times_order_and_ids_make_no_difference() -> None:
    found = diff(lines(PASSED), lines(FAILED))
    touched = {line for hunk in found.hunks for line in shown(hunk)}
    assert not touched & {*FAILED.splitlines()[:4], *FAILED.splitlines()[5:7]}
    assert found.new_lines == 3


def test_other_version_is_noise_and_comes_last() -> None:
    last = diff(lines(PASSED), lines(FAILED)).hunks[-1]
    assert last.kind == "noise"
    assert shown(last) == ["Downloading foo-1.2.4.tar.gz (13 kB) in 12s"]


def test_same_logs_have_no_difference() -> None:
    assert diff(lines(PASSED), lines(PASSED)).hunks == ()


def test_context_is_shown_around() -> None:
    best = diff(lines(PASSED), lines(FAILED)).hunks[0]
    assert [line.number for line in best.lines] == [6, 7, 8, 9, 10, 11, 12]
    assert best.lines[0].status == "same"


def test_line_that_comes_more_often_is_told() -> None:
    extra = PASSED + "test two ... ok (0.15 s)\n"
    (hunk,) = blocks(extra).hunks
    assert hunk.lines[-1].status == "more"


def test_exit_code_makes_a_difference() -> None:
    passed, failed = b"make: exit code 10\n", b"make: exit code 12\n"
    (hunk,) = diff_blocks([passed], [failed]).hunks
    assert [line.status for line in hunk.lines] == ["changed"]


def test_routine_lines_do_not_hide_the_failure() -> None:
    names = [chr(97 + n % 26) * 4 + chr(97 + n // 26) for n in range(60)]
    passed = "".join(f"Downloading module {name}\n" for name in names[:30])
    failed = "".join(f"Downloading module {name}\n" for name in names[30:])
    failed += "ld: cannot find -lfoo\nDownloading module last\n"
    best = diff(lines(passed), lines(failed)).hunks[0]
    assert (best.line_start, best.line_end) == (31, 31)


def test_hunk_on_a_cause_comes_first() -> None:
    failed = f"{FAILED}quiet words\n" + PASSED
    number = FAILED.count("\n") + 1
    cause = Cause(1, number, number, "quiet words", None, (), 0.9)
    plain = diff(lines(PASSED), lines(failed)).hunks
    helped = diff(lines(PASSED), lines(failed), causes=[cause]).hunks

    def score(hunks: tuple[Hunk, ...]) -> float:
        return next(
            hunk.score for hunk in hunks if hunk.line_start <= number <= hunk.line_end
        )

    assert score(helped) > score(plain)


def test_log_names_and_lines_not_kept_are_told() -> None:
    kept = Lines([Run(1, [b"a"]), Run(50, [b"error: b"])], 60)
    passed = Log("green.log", 1, "plain", lines(PASSED), Marks())
    failed = Log("red.log", 1, "plain", kept, Marks())
    found = diff(passed, failed)
    assert (found.passed, found.failed) == ("green.log", "red.log")
    assert (found.coverage.examined, found.coverage.total) == (2, 60)
    assert [item.what for item in found.coverage.skipped] == [
        "58 lines of the failing log"
    ]
    assert {hunk.line_start for hunk in found.hunks} == {1, 50}


def test_long_hunk_of_equals_shows_its_ends() -> None:
    failed = "".join(f"error: in {'x' * n}\n" for n in range(1, 200))
    (hunk,) = blocks(failed).hunks
    assert (hunk.line_start, hunk.line_end) == (1, 199)
    assert MAX_HUNK_LINES - CONTEXT <= len(hunk.lines) <= MAX_HUNK_LINES
    assert hunk.left_out == 199 - len(hunk.lines)
    assert (hunk.lines[0].number, hunk.lines[-1].number) == (1, 199)


def test_long_hunk_shows_its_loudest_line_with_its_surroundings() -> None:
    story = [f"chapter {'x' * n}" for n in range(400)]
    story[170] = "ValueError: the dose is lost"
    (hunk,) = diff_blocks([b"old\n"], ["\n".join(story).encode()]).hunks
    numbers = {line.number for line in hunk.lines}
    assert numbers >= {1, 169, 170, 171, 172, 173, 400}
    assert len(hunk.lines) <= MAX_HUNK_LINES


def test_failure_long_before_the_end_of_a_log_of_news_is_kept() -> None:
    news = [b"".join(b"%x new %d\n" % (n, n) for n in range(30_000))] * 2
    found = diff_blocks([b"old\n"], [b"ValueError: the dose is lost\n", *news])
    assert found.hunks[0].line_start == 1
    assert found.hunks[0].lines[0].text == "ValueError: the dose is lost"


def test_only_so_many_hunks_are_kept_and_it_says_so() -> None:
    same = PASSED.splitlines(keepends=True)[5] * 7
    failed = "".join(f"error: {'x' * n}\n{same}" for n in range(1, MAX_HUNKS + 60))
    passed = same * 2 * MAX_HUNKS
    found = diff_blocks([passed.encode()], [failed.encode()])
    assert len(found.hunks) == MAX_HUNKS
    assert found.coverage.skipped[-1].what == "59 hunks"


def test_the_end_of_a_log_of_news_is_kept() -> None:
    failed = [b"".join(b"%x new %d\n" % (n, n) for n in range(30_000))] * 2
    found = diff_blocks([b"old\n"], failed)
    assert found.hunks[0].line_end == 60_000
    assert found.coverage.skipped[0].what == "40000 differing lines"


def test_to_dict_is_json_with_the_schema_first() -> None:
    data = diff(lines(PASSED), lines(FAILED)).to_dict()
    assert next(iter(data)) == "schema"
    assert json.loads(json.dumps(data))["hunks"][0]["rank"] == 1


@given(st.lists(st.binary(max_size=60), max_size=8), st.integers(1, 200))
def test_any_bytes_in_any_blocks_give_the_same_answer(
    parts: list[bytes], size: int
) -> None:
    raws = [part.replace(b"\n", b"") for part in parts] + FAILED.encode().split(b"\n")
    count = len(raws)
    whole = diff_blocks([PASSED.encode()], [b"\n".join(raws)])
    cut = [
        b"\n".join(raws[at : at + size]) + b"\n" * (at + size < count)
        for at in range(0, count, size)
    ]
    pieces = diff_blocks([PASSED.encode()], cut)
    assert pieces.new_lines == whole.new_lines
    assert [shown(hunk) for hunk in pieces.hunks] == [
        shown(hunk) for hunk in whole.hunks
    ]


@pytest.mark.parametrize("passed", [b"", b"\n", b"\xff\x00\n"])
def test_empty_passing_log_leaves_the_whole_failing_log(passed: bytes) -> None:
    found = diff_blocks([passed], [FAILED.encode()])
    assert found.new_lines == FAILED.count("\n")
