from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.clean import Cleaner
from sickbay.logs.stamps import FORMS, form_of
from sickbay.logs.sweep import swept_by_arrays, swept_by_patterns
from sickbay.logs.terminal import render

RUNNER = b"2026-07-28T19:53:48.9573438Z "
MARKER = b"\x1b_bk;t=1783974785649\x07"


def clean(log: bytes) -> bytes:
    return Cleaner().clean(log)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"one\r\ntwo\r\r\nthree\r", b"one\ntwo\nthree", id="line-ends"),
        pytest.param(b"o\x00n\x00e\x07\n", b"one\n", id="nul-and-bell"),
        pytest.param(b"\x1b[1;31mFAILED\x1b[0m x\n", b"FAILED x\n", id="colour"),
        pytest.param(b"\x1b[01m\x1b[Ka.c:1:\x1b[m\x1b[K e\n", b"a.c:1: e\n", id="gcc"),
        pytest.param(b"\xc2\x9b31mred\xc2\x9bm \xc2\xb5\n", b"red \xc2\xb5\n", id="c1"),
        pytest.param(b"\x1b]8;;u\x1b\\link\x1b]8;;\x07\n", b"link\n", id="osc"),
        pytest.param(b"\x1b(B\x1b[m\x0ftext\n", b"text\n", id="sgr0"),
        pytest.param(
            MARKER + b"--- x\r\n" + MARKER + b"y", b"--- x\ny", id="buildkite"
        ),
        pytest.param(
            MARKER + b"a: 1%\x1b[K" + MARKER + b"\ra: 2%, done.\x1b[K\r\n",
            b"a: 2%, done.\n",
            id="buildkite-progress",
        ),
        pytest.param(
            b"[2026-07-13T19:39:58Z] a\n[2026-07-13T19:39:58Z]\n",
            b"a\n\n",
            id="bk-text",
        ),
        pytest.param(
            b"[2026-07-13T19:39:58Z] 1%\r[2026-07-13T19:39:59Z] 99%\n",
            b"99%\n",
            id="bk-text-progress",
        ),
        pytest.param(
            b"\xef\xbb\xbf" + RUNNER + b"a\r\n" + RUNNER + b"\x1b[36mb\x1b[0m\n",
            b"a\nb\n",
            id="github",
        ),
        pytest.param(RUNNER[:-1] + b"\n" + RUNNER[:-1], b"\n", id="github-empty-lines"),
        pytest.param(
            b"job\tRun tests\t" + RUNNER + b"a\njob\tRun tests\t" + RUNNER + b"b\n",
            b"a\nb\n",
            id="gh-run-view",
        ),
        pytest.param(
            b"2024-05-22T12:43:46.962646Z 00O a\n2024-05-22T12:43:46.962646Z 01E+b\n",
            b"a\nb\n",
            id="gitlab-stamps",
        ),
        pytest.param(
            b"Running with gitlab-runner 16\n"
            b"section_start:1560896352:step[collapsed=true]\r\x1b[0K\x1b[36;1mHead\x1b[0m\n"
            b"no line end section_end:1560896353:step\r\x1b[0K\n",
            b"Running with gitlab-runner 16\nHead\nno line end \n",
            id="gitlab-sections",
        ),
        pytest.param(
            b"travis_fold:start:git\r\x1b[0Ktravis_time:start:0da2\r\x1b[0K$ git\r\n"
            b"\r\ntravis_time:end:0da2:start=1,finish=2,duration=1\r\x1b[0K\r\n",
            b"$ git\n\n\n",
            id="travis",
        ),
        pytest.param(
            b"travis_fold:start:a\r\n"
            + b"nl\r\n" * 7
            + b"nl\x1b[0mOK\r\nnl\r\nnl -w\r\n",
            b"\n\n\n\n\n\n\n\nOK\nnl\nnl -w\n",
            id="travis-macos-line-ends",
        ),
        pytest.param(
            b"travis_fold:start:git\n\x1b[0Ktravis_time:start:0da2\n\x1b[0K$ git\n"
            b"$ echo travis_fold:start:mine again\n",
            b"\n\n$ git\n$ echo travis_fold:start:mine again\n",
            id="travis-whose-returns-became-line-ends",
        ),
        pytest.param(
            b"[2024-01-01T00:00:00.000Z] [Pipeline]\n[2024-01-01T00:00:00.000Z] + a\n",
            b"[Pipeline]\n+ a\n",
            id="jenkins",
        ),
        pytest.param(b"12:34:56  a\n12:34:57  b\n", b"a\nb\n", id="jenkins-clock"),
        pytest.param(b"2026-07-28T19:53:48Z a\nb\nc\n" * 2, None, id="dates-of-a-few"),
        pytest.param(b"\tat x(Y.java:3)\n  | 5 \xe2\x9c\x94\n", None, id="plain"),
    ],
)
def test_cleaning_leaves_what_a_person_reads(raw: bytes, text: bytes | None) -> None:
    assert clean(raw) == (raw if text is None else text)


def test_a_plain_block_comes_back_as_the_same_object() -> None:
    block = "just text, some of it ünïcode\n".encode() * 1000
    assert clean(block) is block


def test_redrawn_rows_stand_on_the_line_that_wrote_them_last() -> None:
    raw = b"start\na 0%\nb 0%\n\x1b[2A\x1b[Ka 50%\nb 50%\n\x1b[2A\x1b[Ka done\n\nend\n"
    assert clean(raw) == b"start\n\n\na done\nb 50%\n\n\nend\n"


def test_a_status_line_that_is_redrawn_shows_its_last_text() -> None:
    raw = b"run\n 1 of 3\n\x1b[1A\x1b[2K 2 of 3\n\x1b[1A\x1b[2K 3 of 3\nError: x\n"
    assert clean(raw) == b"run\n\n\n 3 of 3\nError: x\n"


def test_layers_pulled_side_by_side_keep_their_order() -> None:
    raw = (
        b"Pulling\na: Waiting\nb: Waiting\n"
        b"\x1b[1A\x1b[2K\rb: done\r\x1b[1B\x1b[2A\x1b[2K\ra: done\r\x1b[2B"
        b"Status: ok\n"
    )
    lines = clean(raw).split(b"\n")
    assert [line for line in lines if line] == [
        b"Pulling",
        b"a: done",
        b"b: done",
        b"Status: ok",
    ]
    assert lines[0] == b"Pulling"
    assert len(lines) == raw.count(b"\n") + 1


def test_a_runner_that_cut_lines_itself_is_not_drawn_over() -> None:
    raw = RUNNER + b"Error: lost\n" + RUNNER + b"\x1b[1A\x1b[2Kprogress\n"
    assert clean(raw) == b"Error: lost\nprogress\n"


def test_a_full_screen_program_does_not_eat_the_lines_before_it() -> None:
    raw = b"error: real\n\x1b[H\x1b[2J\x1b[40d\x1b[Kmenu\x1b[A\n"
    assert clean(raw) == b"error: real\nmenu\n"


PARTS = st.sampled_from(
    [
        *(b"text", b"", b" ", b"\xc3\xa9", b"\xff", b"12:00", b"K", b"m", b"[", b"\t"),
        *(b"\x1b[31m", b"\x1b[0;1;38;5;200m", b"\x1b[m", b"\x1b[K", b"\x1b[1", b"\x1b"),
        *(
            b"\x1b[" + b"1;" * 16 + b"m",
            MARKER,
            MARKER[:-1],
            b"\x1b]0;t\x07",
            b"\x1b(B",
        ),
        *(b"\r", b"\r\r", b"\r\r\r\r\r", b"\x00", b"\x07", b"\b", b"\x1b[2C", b"\x1b7"),
        *(RUNNER, RUNNER[:-1], RUNNER[:-2], b"[2026-07-13T19:39:58Z] ", b"\xc2\x9b1m"),
        *(b"[2026-07-13T19:39:58.123Z]", b"2026-07-28T19:53:48Z ", b"\xef\xbb\xbf"),
        *(b"travis_fold:start:x", b"section_start:1560896352:x", b"##[group]x"),
    ]
)
LINES = st.lists(st.lists(PARTS, max_size=6).map(b"".join), max_size=12)
LOGS = LINES.map(b"\n".join)


@given(LOGS, st.sampled_from([None, *FORMS]))
def test_arrays_and_patterns_sweep_alike(log: bytes, form: object) -> None:
    assert swept_by_arrays(log, form) == swept_by_patterns(log, form)  # type: ignore[arg-type]


UPS = st.sampled_from(
    [b"\x1b[A", b"\x1b[3F", b"\x1b[2B", b"\x1b[9E", b"\x1b8", b"\x1b[J"]
)
WILD_LINES = st.lists(st.lists(PARTS | UPS, max_size=6).map(b"".join), max_size=12)


@given(WILD_LINES.map(b"\n".join) | st.binary(max_size=300))
def test_any_log_keeps_its_line_ends_and_loses_its_controls(log: bytes) -> None:
    text = clean(log)
    assert text.count(b"\n") == log.count(b"\n")
    assert not set(text) & set(b"\x00\x07\b\r\x1b")


@given(LINES, st.lists(st.booleans(), min_size=12, max_size=12))
def test_where_blocks_are_cut_does_not_matter(
    lines: list[bytes], cuts: list[bool]
) -> None:
    log = b"\n".join(lines)
    cleaner, blocks = Cleaner(log), [b""]
    for line, cut in zip(log.splitlines(keepends=True), cuts, strict=False):
        blocks[-1] += line
        if cut and line.endswith(b"\n"):
            blocks.append(b"")
    blocks[-1] += log[sum(map(len, blocks)) :]
    assert b"".join(map(cleaner.clean, blocks)) == clean(log)


MOVES = st.sampled_from(
    [
        *("ab", "c", "\r", "\n", "\n", "\n", "\x1b[A", "\x1b[2A", "\x1b[3F", "\x1b[K"),
        *("\x1b[2K", "\x1b[J", "\x1b[3C", "\x1b[31m", "\x1b[G", "\x1b[1K", "\x1bM"),
    ]
)


@given(st.lists(MOVES, max_size=60).map("".join))
def test_the_lines_left_are_the_rows_of_a_terminal(text: str) -> None:
    lines = clean(text.encode()).decode().split("\n")
    rows = render(text)
    assert [line.rstrip() for line in lines if line.strip()] == [
        row.rstrip() for row in rows if row.strip()
    ]


@given(LOGS)
def test_clean_text_stays_as_it_is(log: bytes) -> None:
    text = clean(log)
    if form_of(text) is None and b"\xef\xbb\xbf" not in text:
        assert Cleaner(b"plain\n").clean(text) == text


def test_a_big_log_is_cleaned_as_a_small_one() -> None:
    block = (RUNNER + b"\x1b[36mtext\x1b[0m %d\r\n") * 2000
    cleaner = Cleaner()
    assert {cleaner.clean(block) for _ in range(90)} == {b"text %d\n" * 2000}


@pytest.mark.parametrize(
    ("head", "tail", "count"),
    [
        pytest.param(b"x", b"", 4_000_000, id="text"),
        pytest.param(b"", b"\x1b]", 1_000_000, id="strings-without-end"),
        pytest.param(b"", b"\x1b[1;", 500_000, id="sequences-without-end"),
        pytest.param(b"", b"\x1b[32mx\x1b[0m", 200_000, id="colours"),
        pytest.param(b"yyyy", b"\rx", 500_000, id="returns-on-a-wide-row"),
        pytest.param(b"", b"\x1b[1Ax\x1b[1B", 200_000, id="ups-and-downs"),
        pytest.param(b"", b"section_start:1:", 200_000, id="markers"),
        pytest.param(b"", b"\r", 2_000_000, id="returns"),
        pytest.param(b"yyy", b"\r\x1b[@", 100_000, id="insertions"),
        pytest.param(b"yyy", b"\r\x1b[P", 100_000, id="deletions"),
        pytest.param(b"yyy", b"\x1b[1K", 100_000, id="erasures"),
    ],
)
def test_a_huge_line_takes_time_in_proportion(
    head: bytes, tail: bytes, count: int
) -> None:
    def seconds(times: int) -> float:
        line = head * times + tail * times + b"\n"
        started = time.process_time()
        Cleaner(b"Running with gitlab-runner\n").clean(line)
        return time.process_time() - started

    seconds(10)
    assert seconds(count) < max(25 * seconds(count // 8), 0.3)
