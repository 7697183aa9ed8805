"""The rule file reader: what it reads unchanged, and how it points at mistakes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.logs.rules.builtin import PACKS, builtin_rules
from sickbay.logs.rules.load import (
    MAX_BYTES,
    MAX_RULES,
    parse_rules,
)

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
NAMED = "[[rule]]\nname = 'x'\n"
WHOLE = NAMED + "pattern = 'a'\n"


def complaint(text: str, *, file: str = "my.toml") -> str:
    with pytest.raises(BadRequest) as caught:
        parse_rules(text, file=file)
    return str(caught.value)


def test_name_and_pattern_are_enough_and_names_may_repeat() -> None:
    rules = parse_rules(WHOLE + NAMED + "pattern = 'b'\n", file="my.toml")
    assert [(rule.name, rule.pattern) for rule in rules] == [("x", "a"), ("x", "b")]
    assert {(rule.fault, rule.weight, rule.pack) for rule in rules} == {
        ("unknown", 0.5, "my.toml")
    }


def test_our_own_keys_are_read() -> None:
    text = WHOLE + "category = 'test'\nweight = 1\nbefore = 2\nafter = 10\n"
    (rule,) = parse_rules(text, file="my.toml")
    assert (rule.fault, rule.weight, rule.before, rule.after) == ("test", 1, 2, 10)


def test_rule_file_of_pytorch_is_read_unchanged() -> None:
    path = DATA / "pytorch-log-classifier" / "ruleset.toml"
    if not path.exists():
        pytest.skip(f"needs {path}")
    rules = parse_rules(path.read_text(), file=path.name)
    assert len(rules) == 102
    assert len({rule.name for rule in rules}) == 97
    assert rules[0].name == "Operator backwards compatibility"
    assert rules[-1].pattern == r"^##\[error\](.*)"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "my.toml: has no [[rule]]", id="empty"),
        pytest.param(
            "rule = 3",
            "my.toml: 'rule' must be an array of tables, [[rule]]",
            id="rule-is-a-number",
        ),
        pytest.param(
            "[rule]\nname = 'x'",
            "my.toml: 'rule' must be an array of tables, [[rule]]",
            id="one-table",
        ),
        pytest.param(
            WHOLE + "x = \n",
            "my.toml: Invalid value (at line 4, column 5)",
            id="syntax",
        ),
        pytest.param(
            WHOLE + "[other]\n",
            "my.toml: unknown key 'other', only [[rule]] is known",
            id="unknown-table",
        ),
        pytest.param(
            WHOLE + NAMED,
            "my.toml: rule 2 'x' (line 4, column 1): 'pattern' is missing",
            id="no-pattern",
        ),
        pytest.param(
            "[[rule]]\npattern = 'a'",
            "my.toml: rule 1 (line 1, column 1): 'name' is missing",
            id="no-name",
        ),
        pytest.param(
            WHOLE + "  colour = 'red'\n",
            "my.toml: rule 1 'x' (line 4, column 12): unknown key 'colour', known are"
            " name, pattern, category, weight, before, after",
            id="unknown-key",
        ),
        pytest.param(
            NAMED + "pattern = 3",
            "my.toml: rule 1 'x' (line 3, column 11): 'pattern' must be a pattern that"
            " is not empty, not 3",
            id="pattern-is-a-number",
        ),
        pytest.param(
            NAMED + "pattern = ''",
            "my.toml: rule 1 'x' (line 3, column 11): 'pattern' must be a pattern that"
            " is not empty, not ''",
            id="empty-pattern",
        ),
        pytest.param(
            "[[rule]]\nname = \"a\\nb\"\npattern = 'a'",
            "my.toml: rule 1 'a\\nb' (line 2, column 8): 'name' must be one line of"
            " text, not 'a\\nb'",
            id="name-of-two-lines",
        ),
        pytest.param(
            WHOLE + "category = 'weather'",
            "my.toml: rule 1 'x' (line 4, column 12): 'category' must be one of code,"
            " test, infrastructure, dependency, configuration, unknown, not 'weather'",
            id="unknown-category",
        ),
        pytest.param(
            WHOLE + "weight = 1.5",
            "my.toml: rule 1 'x' (line 4, column 10): 'weight' must be a number from"
            " 0 to 1, not 1.5",
            id="weight-too-big",
        ),
        pytest.param(
            WHOLE + "weight = nan",
            "my.toml: rule 1 'x' (line 4, column 10): 'weight' must be a number from"
            " 0 to 1, not nan",
            id="weight-not-a-number",
        ),
        pytest.param(
            WHOLE + "weight = true",
            "my.toml: rule 1 'x' (line 4, column 10): 'weight' must be a number from"
            " 0 to 1, not True",
            id="weight-is-a-truth-value",
        ),
        pytest.param(
            WHOLE + "before = 11",
            "my.toml: rule 1 'x' (line 4, column 10): 'before' must be a whole number"
            " from 0 to 10, not 11",
            id="before-too-big",
        ),
        pytest.param(
            WHOLE + "after = [1]",
            "my.toml: rule 1 'x' (line 4, column 9): 'after' must be a whole number"
            " from 0 to 10, not a list",
            id="after-is-a-list",
        ),
    ],
)
def test_mistake_is_named_with_its_place(text: str, said: str) -> None:
    assert complaint(text) == said


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        pytest.param("a(b(c)", "missing ): a(b(c) at column 2", id="open-group"),
        pytest.param("a)b", "unexpected ): a)b at column 2", id="closed-too-often"),
        pytest.param("abc[def", "missing ]: [def at column 4", id="open-class"),
        pytest.param("a**", "bad repetition operator: ** at column 2", id="twice"),
        pytest.param("a|*", "no argument for repetition operator: *", id="nothing"),
        pytest.param("x(?=y)", "invalid perl operator: (?= at column 2", id="look"),
        pytest.param(r"(a)\1", r"invalid escape sequence: \1 at column 4", id="back"),
        pytest.param("x{1001}", "invalid repetition size: {1001} at column 2", id="1k"),
    ],
)
def test_bad_pattern_is_pointed_at(pattern: str, said: str) -> None:
    start = "my.toml: rule 1 'x' (line 3, column 11): bad 'pattern': "
    assert complaint(f"{NAMED}pattern = '{pattern}'").startswith(start + said)


def test_greedy_pattern_is_refused_by_its_memory() -> None:
    pattern = r"(\w{900}x{900})" * 300
    assert "pattern too large" in complaint(f"{NAMED}pattern = '{pattern}'")


def test_place_is_left_out_when_a_header_is_quoted() -> None:
    text = "[[rule]]\nname = 'x'\npattern = '''a\n[[rule]]\n'''\nweight = 2"
    assert complaint(text).startswith("my.toml: rule 1 'x': 'weight' must be")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a = " + "[" * 100_000, "is nested too deeply", id="nested"),
        pytest.param(
            "a." * 100_000, "a dotted name with more than 32 parts", id="dots"
        ),
        pytest.param('"\\"".' * 99_999, "a dotted name with more than 32", id="quoted"),
        pytest.param("a" * 900_000, "Expected '=' after a key", id="long-name"),
        pytest.param("a = " + "9" * 9_999, "Exceeds the limit", id="long-number"),
        pytest.param("#" * MAX_BYTES + "#", "is larger than", id="large"),
        pytest.param(WHOLE * (MAX_RULES + 1), "has more than 2000 rules", id="many"),
        pytest.param(
            WHOLE + "weight = 0x" + "f" * 90_000, "not a number that large", id="huge"
        ),
        pytest.param(NAMED + "pattern = 'a'\ud800", "Expected newline", id="surrogate"),
        pytest.param(NAMED + "pattern = '\ud800'", "not valid UTF-8", id="not-utf-8"),
    ],
)
def test_hostile_file_is_refused_at_once(text: str, said: str) -> None:
    assert said in complaint(text)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        pytest.param("dir/a b.toml", "dir/a b.toml: ", id="plain"),
        pytest.param("a\nb.toml", "'a\\nb.toml': ", id="two-lines"),
    ],
)
def test_file_is_named_on_one_line(file: str, shown: str) -> None:
    assert complaint("", file=file).startswith(shown)


@given(st.text())
def test_any_text_gives_rules_or_one_line(text: str) -> None:
    try:
        parse_rules(text, file="my.toml")
    except BadRequest as exc:
        assert "\n" not in str(exc)  # noqa: PT017 - either outcome is fine


@given(st.text(st.characters(codec="utf-8", exclude_characters="'\r\n"), min_size=1))
def test_any_pattern_is_taken_or_refused_on_one_line(pattern: str) -> None:
    try:
        (rule,) = parse_rules(f"{NAMED}pattern = '{pattern}'", file="my.toml")
    except BadRequest as exc:
        assert "\n" not in str(exc)  # noqa: PT017 - either outcome is fine
    else:
        assert rule.pattern == pattern


def test_heavier_rules_come_first_and_packs_keep_their_order() -> None:
    rules = builtin_rules()
    keys = [(-rule.weight, PACKS.index(rule.pack)) for rule in rules]
    assert keys == sorted(keys)
