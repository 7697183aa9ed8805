"""Readings: what a line of a failure speaks of, by the rules that explain logs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from sickbay.logs.pattern import Pattern
from sickbay.logs.rules.builtin import builtin_rules
from sickbay.logs.rules.expression import Expression

try:
    import re2
except ImportError:  # pragma: no cover - no wheel for this platform
    re2 = None

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sickbay.ci.scan.models import Trouble
    from sickbay.logs.report import Category
    from sickbay.logs.rules.model import Rule

_CHARACTERS = 1000
_MEMORY = 256 << 20
_LOCAL = Pattern(
    r"(?i)(?<![\w.])(?:localhost|127(?:\.[0-9]{1,3}){3}|0\.0\.0\.0|\[::1?\]|::1)(?!\w)"
)
_SERVICE = Pattern(r"(?i)(?<![\w.@-])((?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12})(?![\w(])")
_UNREACHABLE = Pattern(
    r"(?i)\b(?:fetch|download|connect(?:ion)?|request|pull|timed? ?out|50[0-4]|429)\b"
)
_NO_SERVICE = Pattern(
    r"(?i)\.(?:py|pyx|c|cc|cpp|cu|h|hpp|so|sh|md|txt|json|toml|ya?ml|log|xml|whl|gz"
    r"|safetensors|exceptions?|\w*error)$"
)

_OF_PACK: Mapping[str, Trouble] = {
    "network": "outage",
    "packaging": "outage",
    "cloud": "outage",
    "git": "outage",
    "containers": "setup",
    "configuration": "setup",
    "runners": "agent_lost",
    "system": "sick_agent",
    "pytorch": "sick_agent",
}
_OF_NAME: tuple[tuple[Trouble, Pattern], ...] = (
    ("timeout", Pattern(r"(?i)time limit|timed out|time-out|exceeded its time")),
    ("setup", Pattern(r"(?i)plugin or hook")),
    ("outage", Pattern(r"(?i)rate limit|image (?:not|pull)|on the hub|\bartifact")),
    ("sick_agent", Pattern(r"(?i)GPU memory ECC")),
    ("out_of_memory", Pattern(r"(?i)memory|\bkilled\b|KV cache")),
    ("outage", Pattern(r"(?i)network error")),
    ("flaky", Pattern(r"(?i)port taken|lock held")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a line speaks of.

    Attributes:
        rule: Name of the rule that knows such lines.
        fault: Whose fault they are of.
        weight: From 0 to 1: how likely such a line is the cause.
        trouble: What goes wrong there, if it is of machines or services.
        service: The service that could not be had, if the line names it.
        unreachable: A package could not be fetched, rather than does not exist.
    """

    rule: str
    fault: Category
    weight: float
    trouble: Trouble | None = None
    service: str | None = None
    unreachable: bool = False

    @property
    def machine(self) -> bool:
        """Whether it is of machines and services, and hardly of anything else."""
        if self.trouble in {"timeout", "flaky"}:
            return False
        return self.fault == "infrastructure" or self.unreachable


def reading(text: str) -> Reading | None:
    """What a text of a few lines speaks of; None if no rule knows it."""
    found = filter(None, map(_line, text[:_CHARACTERS].splitlines()))
    return max(found, key=lambda item: (item.weight, item.rule), default=None)


@lru_cache(maxsize=4096)
def _line(line: str) -> Reading | None:
    data = line.encode("utf-8", "replace")
    rules = _rules()
    for place in _candidates(data):
        rule, expression = rules[place]
        if expression.captures(data) is not None:
            return _read(rule, line)
    return None


def _read(rule: Rule, line: str) -> Reading | None:
    trouble = _trouble(rule)
    if trouble == "outage" and _LOCAL.search(line):
        # A test's own server that did not answer: that is for the test to explain.
        return None
    outage = trouble == "outage"
    return Reading(
        rule=rule.name,
        fault=rule.fault,
        weight=rule.weight,
        trouble=trouble,
        service=_service(line) if outage else None,
        unreachable=outage and bool(_UNREACHABLE.search(line)),
    )


def _trouble(rule: Rule) -> Trouble | None:
    if rule.fault not in {"infrastructure", "dependency", "configuration"}:
        return None
    for trouble, pattern in _OF_NAME:
        if pattern.search(rule.name):
            return trouble
    return _OF_PACK.get(rule.pack)


def _service(line: str) -> str | None:
    named = (found[1].lower() for found in _SERVICE.finditer(line))
    return next((name for name in named if not _NO_SERVICE.search(name)), None)


def _candidates(line: bytes) -> Sequence[int]:
    """Places of the rules that may know a line, the heaviest first."""
    sieve = _sieve()
    return range(len(_rules())) if sieve is None else sorted(sieve.Match(line) or ())


@cache
def _sieve() -> Any:  # noqa: ANN401 - RE2 ships no types
    """All rules in one automaton: a hundred times as fast as one after the other."""
    if re2 is None:
        return None
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    sieve = re2.Set.SearchSet(options)
    for rule, _ in _rules():
        sieve.Add(rule.pattern.encode())
    sieve.Compile()
    return sieve


@cache
def _rules() -> tuple[tuple[Rule, Expression], ...]:
    """The rules that say whose fault it is, the heaviest first."""
    known = (rule for rule in builtin_rules() if rule.fault != "unknown")
    return tuple((rule, Expression(rule.pattern, or_whole=True)) for rule in known)
