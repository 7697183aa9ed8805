"""Reading rules from TOML: a caller's file with every mistake pointed at, our packs."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from re import escape
from typing import TYPE_CHECKING, Any, get_args

from sickbay.core.errors import BadRequest
from sickbay.logs.pattern import Pattern
from sickbay.logs.report import Category
from sickbay.logs.rules.complaint import complaint
from sickbay.logs.rules.model import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_BYTES = 1 << 20
"""Size of a rule file that is still read."""

MAX_RULES = 2000
"""Rules that one file may hold."""

MAX_SHOWN = 80
"""Characters of a wrong value that an error quotes."""

MAX_CONTEXT = 10
"""Lines before or after that a rule may claim."""

_HEADER = Pattern(r"""(?m)^[ \t]*\[\[[ \t]*["']?rule["']?[ \t]*\]\]""")
_CHAIN = Pattern(
    r"""(?<![A-Za-z0-9_-])"""
    r"""(?:(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*\.[ \t]*){32}"""
)


@dataclass(frozen=True, slots=True)
class _Key:
    """What one key of a rule may hold."""

    types: tuple[type, ...]
    wanted: str
    good: Callable[[Any], bool]
    field: str


_KEYS: Mapping[str, _Key] = {
    "name": _Key(
        (str,),
        "one line of text",
        lambda value: value.strip() and value.isprintable(),
        "name",
    ),
    "pattern": _Key((str,), "a pattern that is not empty", bool, "pattern"),
    "category": _Key(
        (str,),
        f"one of {', '.join(get_args(Category))}",
        lambda value: value in get_args(Category),
        "fault",
    ),
    "weight": _Key(
        (int, float), "a number from 0 to 1", lambda value: 0 <= value <= 1, "weight"
    ),
    "before": _Key(
        (int,),
        f"a whole number from 0 to {MAX_CONTEXT}",
        lambda value: 0 <= value <= MAX_CONTEXT,
        "before",
    ),
    "after": _Key(
        (int,),
        f"a whole number from 0 to {MAX_CONTEXT}",
        lambda value: 0 <= value <= MAX_CONTEXT,
        "after",
    ),
}


def parse_rules(text: str, *, file: str) -> tuple[Rule, ...]:
    """Read a rule file; rules keep their order, which is their priority.

    Args:
        text: TOML with an array ``[[rule]]``; ``name`` and ``pattern`` are needed,
            ``category``, ``weight``, ``before`` and ``after`` may be there.
        file: What errors call the file.

    Raises:
        BadRequest: One line that names the file, the rule and the place.
    """
    source = _Source(text, file if file.isprintable() else repr(file))
    rules = _rules(source)
    for index, rule in enumerate(rules):
        _check_pattern(source, index, rule)
    return rules


def read_pack(text: str, pack: str) -> tuple[Rule, ...]:
    """Read a built-in pack; the tests check its patterns, so that no start has to."""
    return tuple(_rules(_Source(text, pack)))


class _Source:
    """A rule file's text, and where in it things are."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file

    def error(self, problem: str) -> BadRequest:
        """One line that says what is wrong with the file."""
        return BadRequest(f"{self.file}: {problem}")

    def rule_error(
        self, problem: str, *, index: int, name: object, key: str = ""
    ) -> BadRequest:
        """One line that says what is wrong with a rule, and where it is."""
        named = f" {_shown(name)}" if isinstance(name, str) else ""
        return self.error(
            f"rule {index + 1}{named}{self._place(index, key)}: {problem}"
        )

    def _place(self, index: int, key: str) -> str:
        # A header may be quoted inside a multi-line string; then counting them
        # would point at the wrong rule, so say nothing rather than that.
        starts = [found.start() for found in _HEADER.finditer(self.text)]
        if len(starts) != len(tomllib.loads(self.text)["rule"]):
            return ""
        start, *rest = starts[index:]
        block = self.text[start : rest[0] if rest else None]
        assigned = Pattern(rf"""(?m)^[ \t]*["']?{escape(key)}["']?[ \t]*=[ \t]*""")
        found = assigned.search(block) if key else None
        offset = start + (found.end() if found else 0)
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        return f" (line {line}, column {column})"


def _rules(source: _Source) -> tuple[Rule, ...]:
    rules = _document(source).get("rule")
    if not isinstance(rules, list) or not all(isinstance(one, dict) for one in rules):
        raise source.error("'rule' must be an array of tables, [[rule]]")
    if len(rules) > MAX_RULES:
        raise source.error(f"has more than {MAX_RULES} rules")
    return tuple(_rule(source, index, entry) for index, entry in enumerate(rules))


def _document(source: _Source) -> dict[str, Any]:
    """The parsed TOML; what would take its parser long or deep is refused."""
    if len(source.text.encode("utf-8", "replace")) > MAX_BYTES:
        raise source.error(f"is larger than {MAX_BYTES} bytes")
    if chain := _CHAIN.search(source.text):
        line = source.text.count("\n", 0, chain.start()) + 1
        raise source.error(f"a dotted name with more than 32 parts (at line {line})")
    try:
        document = tomllib.loads(source.text)
    except RecursionError:
        raise source.error("is nested too deeply") from None
    except ValueError as exc:  # TOML syntax, or a number that Python refuses
        raise source.error(" ".join(str(exc).split())) from exc
    if unknown := sorted(document.keys() - {"rule"}):
        raise source.error(f"unknown key {_shown(unknown[0])}, only [[rule]] is known")
    if not document:
        raise source.error("has no [[rule]]")
    return document


def _rule(source: _Source, index: int, entry: Mapping[str, Any]) -> Rule:
    name = entry.get("name")
    for key in ("name", "pattern"):
        if key not in entry:
            raise source.rule_error(f"{key!r} is missing", index=index, name=name)
    for key, value in entry.items():
        kind = _KEYS.get(key)
        if kind is None:
            problem = f"unknown key {_shown(key)}, known are {', '.join(_KEYS)}"
            raise source.rule_error(problem, index=index, name=name, key=key)
        if type(value) not in kind.types or not kind.good(value):
            problem = f"{key!r} must be {kind.wanted}, not {_shown(value)}"
            raise source.rule_error(problem, index=index, name=name, key=key)
    fields = {_KEYS[key].field: value for key, value in entry.items()}
    return Rule(**fields, pack=source.file)


def _shown(value: object) -> str:
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "a table"
    if isinstance(value, int) and abs(value) > sys.maxsize:
        return "a number that large"
    shown = repr(value) if isinstance(value, str) else str(value)
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}..."


def _check_pattern(source: _Source, index: int, rule: Rule) -> None:
    said = complaint(rule.pattern)
    if said:
        problem = f"bad 'pattern': {said}"
        raise source.rule_error(problem, index=index, name=rule.name, key="pattern")
