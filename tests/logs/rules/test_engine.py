from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.logs.catalogue import catalogue
from sickbay.logs.rules.builtin import builtin_rules
from sickbay.logs.rules.engine import Engine, HyperscanEngine, Re2Engine
from sickbay.logs.rules.expression import Expression, compiled
from sickbay.logs.rules.tail import to_find
from tests.logs.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERNS = [
    r"error: .*",
    r"^\s*Error \((\w+)\) failed$",
    r"a+b",
    r"(?i:fatal)",
    r"x.+",
    r"^$",
    r"one\s*two",
    "\u2717 (.*)",
    r"[^ ]+Error:",
    r"cannot (?:find|o+pen) .+|one(?: two)+$",
    r"(?:[Aa]bort|x{2,})ed",
    r".*",
]
TEXT = st.lists(
    st.sampled_from(
        [
            b"error: ", b"Error (X) failed", b"aab", b"FaTaL", b"x", b"one", b"two",
            b" ", b"\n", b"cannot find ", b"cannot oopen ", b"abort", b"ed",
            "\u2717 no".encode(), b"ValueError:", b"\xff", b"\x00",
        ]
    ),
    max_size=40,
).map(b"".join)  # fmt: skip


def confirmed(
    engine: Engine, block: bytes, runs: Sequence[tuple[int, int]] = ()
) -> set[tuple[int, int]]:
    """Hits as (line index, pattern index), confirmed on their line."""
    found = set()
    for end, ident in engine.scan(block, runs):
        last = max(end - 1, 0)
        start = block.rfind(b"\n", 0, last) + 1
        stop = block.find(b"\n", last)
        line = block[start : stop if stop >= 0 else len(block)]
        if Expression(PATTERNS[ident]).captures(line) is not None:
            found.add((block.count(b"\n", 0, start), ident))
    return found


def one_by_one(block: bytes) -> set[tuple[int, int]]:
    """The slow truth: every pattern on every line."""
    lines = block.split(b"\n")
    if block.endswith(b"\n"):
        lines.pop()
    return {
        (number, ident)
        for number, line in enumerate(lines)
        for ident, pattern in enumerate(PATTERNS)
        if Expression(pattern).captures(line) is not None
    }


HYPERSCAN, RE2 = HyperscanEngine(PATTERNS), Re2Engine(PATTERNS)

APART = (0, 4, 9)
SETS_APART: list[Engine] = [
    HyperscanEngine(PATTERNS, apart=APART),
    Re2Engine(PATTERNS, apart=APART),
]


@given(block=TEXT)
def test_both_engines_find_what_every_line_alone_gives(block: bytes) -> None:
    truth = one_by_one(block) if block else set()
    assert confirmed(HYPERSCAN, block) == truth
    assert confirmed(RE2, block) == truth


@given(parts=st.lists(TEXT, max_size=9))
def test_patterns_apart_are_looked_for_outside_of_runs_only(parts: list[bytes]) -> None:
    block, runs = b"", []
    for number, part in enumerate(parts):
        start = len(block)
        block += part + b"\n"
        if number % 2:
            runs.append((start, len(block)))
    inside = {
        block.count(b"\n", 0, start) + offset
        for start, stop in runs
        for offset in range(block.count(b"\n", start, stop))
    }
    truth = {
        (line, ident)
        for line, ident in (one_by_one(block) if block else ())
        if ident not in APART or line not in inside
    }
    for engine in SETS_APART:
        assert confirmed(engine, block, runs) == truth


@pytest.mark.parametrize(
    ("pattern", "shorter"),
    [
        pytest.param("error: .*", "error: ", id="star"),
        pytest.param("error: (.*)$", "error: ()", id="group"),
        pytest.param(r"a(?:b\w+|(?i:c)\S{2,9})", r"a(?:b\w|(?i:c)\S{2})", id="in"),
        pytest.param(r"[]\]a+]+(x|y*)?$", r"[]\]a+]+(x|y*)?$", id="anchored"),
        pytest.param(r"a+|b(c+d{3,}?)+", r"a|b(c+d{3})", id="alternatives"),
        pytest.param(r"\Qa.*\E.*", r"\Qa.*\E.*", id="quoted"),
        pytest.param("(a.*", "(a.*", id="unclosed"),
        pytest.param("error: .+", "error: .", id="plus"),
        pytest.param(r"dots\.*", "dots", id="escaped"),
        pytest.param("error: .{1,9}$", "error: .{1,9}$", id="bounded"),
        pytest.param("error .$", "error .$", id="last"),
        pytest.param("error", "error", id="nothing"),
    ],
)
def test_a_tail_that_finds_nothing_is_left_out(pattern: str, shorter: str) -> None:
    assert to_find(pattern) == shorter


def test_captures_are_the_groups_that_took_part() -> None:
    expression = Expression(r"(a)|(b)(c)?")
    assert expression.captures(b"xb") == ("b",)
    assert Expression("a.c").captures(b"xabcx") == ("abc",)
    assert Expression("a.c").captures(b"") is None


def test_a_bad_pattern_is_named_with_the_reason() -> None:
    with pytest.raises(BadRequest, match=r"bad pattern 'a\(b'.*missing"):
        compiled("a(b")


def test_a_pattern_that_eats_memory_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"too large|budget|repetition"):
        compiled("((a{1,200}){1,200}){1,200}")


def test_a_slow_pattern_is_fast_on_a_long_line() -> None:
    line = b"a" * 200_000
    assert Expression(r"^(a+)+$").captures(line + b"!") is None


def test_a_compiled_database_is_kept_and_found_again() -> None:
    cache = Memory()
    block = b"an error: here\n"
    first = HyperscanEngine(PATTERNS, cache).scan(block)
    again = HyperscanEngine(PATTERNS, cache).scan(block)
    assert first == again
    assert cache.puts == 1


def test_a_damaged_database_is_compiled_anew() -> None:
    cache = Memory()
    HyperscanEngine(PATTERNS, cache)
    cache.kept = {key: b"\x00" + data[:50] for key, data in cache.kept.items()}
    assert HyperscanEngine(PATTERNS, cache).scan(b"an error: here\n")
    assert cache.puts == 2


def test_packs_are_read_once_and_damage_is_mended() -> None:
    cache = Memory()
    rules = builtin_rules(cache)
    assert builtin_rules(cache) == rules
    assert cache.puts == 1
    cache.kept = {key: data[:99] for key, data in cache.kept.items()}
    assert builtin_rules(cache) == rules
    assert cache.puts == 2


def test_other_rules_have_another_key() -> None:
    cache = Memory()
    HyperscanEngine(["a", "b"], cache)
    HyperscanEngine(["ab"], cache)
    assert len(cache.kept) == 2


@pytest.mark.parametrize("anchor", catalogue().anchors, ids=lambda anchor: anchor.name)
def test_every_anchor_is_taken_by_both_engines(anchor: object) -> None:
    pattern = getattr(anchor, "pattern", "")
    compiled(pattern)
    engine = HyperscanEngine([pattern])
    assert engine.scan(b"harmless\n" * 3) == []
