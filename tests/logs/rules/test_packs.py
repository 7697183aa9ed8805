"""The built-in packs: every rule on lines it must match, and on near misses."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.logs.rules.builtin import PACKS, builtin_rules
from sickbay.logs.rules.database import HAVE_HYPERSCAN
from sickbay.logs.rules.engine import HyperscanEngine
from sickbay.logs.rules.expression import Expression
from sickbay.logs.rules.load import parse_rules

if TYPE_CHECKING:
    from sickbay.logs.rules.model import Rule

HERE = Path(__file__).parent
RULES = builtin_rules()

needs_hyperscan = pytest.mark.skipif(
    not HAVE_HYPERSCAN, reason="hyperscan has no wheel for this platform"
)


def examples(pack: str) -> dict[str, Any]:
    """The lines of one pack, by rule name: ``match`` and ``near``."""
    return tomllib.loads((HERE / "examples" / f"{pack}.toml").read_text())


def of_pack(pack: str) -> list[Rule]:
    """The rules of one pack."""
    return [rule for rule in RULES if rule.pack == pack]


def found_by_hyperscan(rules: list[Rule], line: str) -> set[str]:
    """Names of the rules that Hyperscan alone sees on a line."""
    engine = HyperscanEngine([rule.pattern for rule in rules])
    block = f"a line\n{line}\nanother\n".encode()
    return {rules[ident].name for _, ident in engine.scan(block)}


def matches(rule: Rule, line: str) -> bool:
    """Whether RE2 confirms a rule on a line."""
    return Expression(rule.pattern).captures(line.encode()) is not None


def test_there_are_hundreds_of_rules_with_names_of_their_own() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) >= 250
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("pack", PACKS)
def test_pack_passes_the_check_of_a_callers_file(pack: str) -> None:
    path = Path(parse_rules.__code__.co_filename).parents[1] / "packs" / f"{pack}.toml"
    rules = parse_rules(path.read_text(), file=pack)
    assert set(rules) == set(of_pack(pack))


@pytest.mark.parametrize("pack", PACKS)
def test_every_rule_has_a_match_and_a_near_miss(pack: str) -> None:
    lines = examples(pack)
    assert set(lines) == {rule.name for rule in of_pack(pack)}
    assert all(one["match"] and one["near"] for one in lines.values())


@pytest.mark.parametrize("pack", PACKS)
def test_rules_match_their_lines_and_no_near_miss(pack: str) -> None:
    lines = examples(pack)
    for rule in of_pack(pack):
        missed = [line for line in lines[rule.name]["match"] if not matches(rule, line)]
        wrong = [line for line in lines[rule.name]["near"] if matches(rule, line)]
        assert (missed, wrong) == ([], []), rule.name


@needs_hyperscan
@pytest.mark.parametrize("pack", PACKS)
def test_hyperscan_finds_what_re2_confirms(pack: str) -> None:
    rules, lines = of_pack(pack), examples(pack)
    texts = [line for one in lines.values() for line in one["match"] + one["near"]]
    block = "\n".join(texts).encode()
    ends = [len(("\n".join(texts[: n + 1])).encode()) for n in range(len(texts))]
    hits = HyperscanEngine([rule.pattern for rule in rules]).scan(block)
    starts = [0, *(end + 1 for end in ends[:-1])]
    for start, end, text in zip(starts, ends, texts, strict=True):
        found = {rules[ident].name for at, ident in hits if start < at <= end + 1}
        confirmed = {rule.name for rule in rules if matches(rule, text)}
        assert confirmed <= found, text


@needs_hyperscan
def test_all_rules_compile_into_one_database() -> None:
    engine = HyperscanEngine([rule.pattern for rule in RULES])
    assert engine.scan(b"fatal error: No space left on device\n")


def harmless() -> list[str]:
    """Ordinary lines of jobs that passed, written by hand."""
    return (HERE / "harmless.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def expressions() -> list[tuple[str, Expression]]:
    """Every rule's name and pattern, compiled once."""
    return [(rule.name, Expression(rule.pattern)) for rule in RULES]


@pytest.mark.parametrize("line", harmless())
def test_no_rule_hits_a_harmless_line(
    line: str, expressions: list[tuple[str, Expression]]
) -> None:
    raw = line.encode()
    assert [name for name, one in expressions if one.captures(raw) is not None] == []
