from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sickbay.logs.catalogue import Catalogue
from sickbay.logs.dialects import ends_lines_with_returns
from sickbay.logs.keep import Limits
from sickbay.logs.rules.load import parse_rules
from sickbay.logs.scan import Scanner, read_log

if TYPE_CHECKING:
    from sickbay.logs.log import Log

SMALL = Limits(block=64, max_line=200, whole=300, windows=4000, tail=100, kept_line=90)

RULES = parse_rules(
    r"""
[[rule]]
name = "first"
pattern = '^FIRST (\w+)'
[[rule]]
name = "second"
pattern = 'second: .*'
[[rule]]
name = "second"
pattern = '(?i:LAST)$'
""",
    file="rules.toml",
)


@pytest.fixture(scope="module")
def wanted() -> Catalogue:
    return catalogue_of_rules()


def scan(data: bytes, wanted: Catalogue, *, sizes: list[int], limits: Limits) -> Log:
    scanner = Scanner(wanted, source="log", limits=limits)
    position = 0
    for size in sizes:
        scanner.feed(data[position : position + size])
        position += size
    scanner.feed(data[position:])
    return scanner.finish()


def facts(log: Log) -> object:
    return (
        log.bytes,
        list(log.lines),
        log.lines.total,
        log.marks.by_name,
        list(log.hits),
        log.rule_match,
        list(log.skipped),
        list(log.sections),
        log.ci,
    )


WORDS = st.sampled_from(
    [
        b"FIRST one",
        b"second: two",
        b"at last",
        b"\n",
        b"\r\n",
        b"x" * 250,
        b"\x00",
        b"ok",
    ]
)


@settings(max_examples=40)
@given(
    parts=st.lists(WORDS | st.binary(max_size=9), max_size=60),
    sizes=st.lists(st.integers(1, 90), max_size=20),
)
def test_chunks_of_any_size_give_the_same_log(
    parts: list[bytes], sizes: list[int]
) -> None:
    data = b"".join(parts)
    looked_for = catalogue_of_rules()
    whole = scan(data, looked_for, sizes=[], limits=SMALL)
    cut = scan(data, looked_for, sizes=sizes, limits=SMALL)
    assert facts(cut) == facts(whole)


_CACHE: list[Catalogue] = []


def catalogue_of_rules() -> Catalogue:
    if not _CACHE:
        _CACHE.append(Catalogue(RULES, len(RULES)))
    return _CACHE[0]


@given(data=st.binary(max_size=2000))
def test_any_bytes_are_a_log(data: bytes) -> None:
    log = read_log(data, wanted=catalogue_of_rules())
    if ends_lines_with_returns(data):
        data = data.replace(b"\r", b"\n")
    newlines = data.count(b"\n")
    assert log.lines.total == newlines + (not data.endswith(b"\n") and bool(data))


def test_first_rule_of_the_file_wins_at_its_last_line(wanted: Catalogue) -> None:
    log = read_log(b"second: a\nFIRST one\nFIRST two\nsecond: b\n", wanted=wanted)
    assert log.rule_match is not None
    assert log.rule_match.rule == "first"
    assert log.rule_match.line_number == 3
    assert log.rule_match.captures == ("two",)


def test_repeated_rule_names_are_told_apart_by_index(wanted: Catalogue) -> None:
    log = read_log(b"it ends at last\n", wanted=wanted)
    assert log.rule_match is not None
    assert (log.rule_match.rule, log.rule_match.rule_index) == ("second", 2)


def test_a_match_never_runs_over_a_line_end() -> None:
    rules = parse_rules(
        "[[rule]]\nname='across'\npattern='one\\s+two'\n", file="rules.toml"
    )
    looked_for = Catalogue(rules, len(rules))
    assert read_log(b"one\ntwo\n", wanted=looked_for).rule_match is None
    assert read_log(b"x\none two\n", wanted=looked_for).rule_match is not None


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"##[error]Process completed with exit code 1.", id="exit"),
        pytest.param(b"x [OSDC] Step script exited with 1", id="container"),
    ],
)
def test_the_runners_closing_words_are_no_match(line: bytes) -> None:
    rules = parse_rules("[[rule]]\nname='all'\npattern='.*'\n", file="rules.toml")
    log = read_log(b"first\n" + line + b"\n", wanted=Catalogue(rules, len(rules)))
    assert log.rule_match is not None
    assert log.rule_match.line_number == 1


def test_the_compiler_caches_log_is_not_searched(wanted: Catalogue) -> None:
    log = read_log(
        b"=================== sccache compilation log ===================\n"
        b"FIRST hidden\n"
        b"=========== If your build fails, please take a look at the log above for"
        b" possible reasons ===========\n"
        b"FIRST seen\n",
        wanted=wanted,
    )
    assert [hit.captures for hit in log.hits if hit.rule.name == "first"] == [("seen",)]


def test_a_huge_log_keeps_its_head_its_tail_and_what_matters(
    wanted: Catalogue,
) -> None:
    lines = [b"line %d" % number for number in range(1, 1001)]
    lines[499] = b"FIRST here"
    log = scan(b"\n".join(lines) + b"\n", wanted, sizes=[], limits=SMALL)
    assert log.lines.total == 1000
    assert len(log.lines) < 200
    assert log.lines.text(1) == "line 1"
    assert log.lines.text(1000) == "line 1000"
    assert log.lines.text(300) is None
    assert log.lines.before(500, 2) == ["line 498", "line 499"]
    assert log.lines.text(500) == "FIRST here"
    assert log.lines.after(500, 3) == ["line 501", "line 502", "line 503"]


def test_surroundings_that_do_not_fit_are_named(wanted: Catalogue) -> None:
    limits = Limits(block=64, max_line=200, whole=10, windows=10, tail=10)
    data = b"".join(b"FIRST %d\nmore\n" % number for number in range(100))
    log = scan(data, wanted, sizes=[], limits=limits)
    assert any("surroundings" in skipped.what for skipped in log.skipped)
    assert log.hit_counts["first"] == 100


def test_the_rest_of_an_endless_line_is_left_out_and_named(wanted: Catalogue) -> None:
    data = b"a" * 150 + b"b" * 1000 + b"\nFIRST next\n"
    log = scan(data, wanted, sizes=[7] * 20, limits=SMALL)
    assert log.lines.total == 2
    assert log.rule_match is not None
    assert log.rule_match.line_number == 2
    assert any("longer than 200 bytes" in skipped.why for skipped in log.skipped)


def test_hits_of_a_noisy_rule_are_kept_from_both_ends(wanted: Catalogue) -> None:
    data = b"".join(b"FIRST n%d\n" % number for number in range(5000))
    log = read_log(data, wanted=wanted)
    captured = [hit.captures[0] for hit in log.hits if hit.rule.name == "first"]
    assert captured[0] == "n0"
    assert captured[-1] == "n4999"
    assert len(captured) < 300
    assert log.hit_counts["first"] == 5000


def test_lines_that_end_with_a_bare_return_are_lines() -> None:
    words = ["checkout", "install", "compile", "link", "check", "FIRST one", "done"]
    lines = [f"{word} {number}" for number in range(9) for word in words]
    log = read_log("\r".join(lines).encode(), wanted=catalogue_of_rules())
    assert log.lines.total == len(lines)
    assert log.lines.text(6) == "FIRST one 0"


def test_a_progress_bar_is_one_line() -> None:
    bar = "\r".join(f"downloading {percent:3} %" for percent in range(101))
    log = read_log(bar.encode(), wanted=catalogue_of_rules())
    assert list(log.lines) == [(1, "downloading 100 %")]


def test_a_true_hit_among_many_false_ones_still_wins() -> None:
    # The scanner proper does not take a pattern this large: every line may match it.
    rules = parse_rules(
        f"[[rule]]\nname = 'large'\npattern = 'TRUE{'x' * 20_000}'\n", file="r.toml"
    )
    lines = [b"false"] * 100
    lines[49] = b"TRUE" + b"x" * 20_000
    log = read_log(b"\n".join(lines), wanted=Catalogue(rules, 1))
    assert log.rule_match is not None
    assert log.rule_match.line_number == 50
