"""No pattern takes long on a line, whatever the line holds."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import time
from typing import TYPE_CHECKING

import pytest

import sickbay.logs
from sickbay.logs.lines import MAX_TEXT
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

BOUND_S = 0.6
UNITS = (
    *(" ", "\t", "a", "0", ".", "=", "_", "-", "(", "[", "\"'", "::", "a::", "é"),
    *("a ", "at ", "1 a, ", "a(", " > ", " # ", "a.b.", "A", "#", "/a", "- ", "[a] "),
)
HEADS = ("", "a: ", "a::b PASSED ", "not ok 1 ", "test a(a::", "at a", "[gw0] ")


def lines() -> Iterator[str]:
    """Long lines of one thing said over and over, with a beginning that some wait for.

    Each comes with an end at which no pattern can stop.
    """
    for unit in UNITS:
        body = unit * (MAX_TEXT // len(unit))
        yield body[:MAX_TEXT]
        for head in HEADS:
            yield (head + body)[: MAX_TEXT - 1] + "\x01"


def patterns() -> Iterator[tuple[str, Pattern, bool]]:
    """Every pattern of the engine by name, and whether it is searched for in a line."""
    for info in pkgutil.walk_packages(sickbay.logs.__path__, "sickbay.logs."):
        module = importlib.import_module(info.name)
        wanted = searched(module)
        for name, value in vars(module).items():
            if isinstance(value, Pattern):
                where = info.name.removeprefix("sickbay.logs.")
                yield f"{where}:{name}", value, name in wanted


def searched(module: ModuleType) -> set[str]:
    """The names in a module whose ``search``, ``finditer`` or ``sub`` it uses."""
    methods = {"search", "finditer", "sub"}
    return {
        node.value.id
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute)
        and node.attr in methods
        and isinstance(node.value, ast.Name)
    }


def spent(pattern: Pattern, *, search: bool) -> float:
    """Seconds of processor time for all the lines; what is too much is not awaited."""
    calls = (pattern.match, pattern.search) if search else (pattern.match,)
    pattern.match("")
    start = time.process_time()
    for line in lines():
        for call in calls:
            call(line)
        if time.process_time() - start > BOUND_S:
            break
    return time.process_time() - start


PATTERNS = tuple(patterns())


@pytest.mark.parametrize(
    ("pattern", "search"),
    [pytest.param(pattern, search, id=name) for name, pattern, search in PATTERNS],
)
def test_no_pattern_takes_long_on_a_hostile_line(
    pattern: Pattern, *, search: bool
) -> None:
    assert spent(pattern, search=search) < BOUND_S


def test_all_the_readers_patterns_are_looked_at() -> None:
    assert len(PATTERNS) > 200
    assert {search for _, _, search in PATTERNS} == {True, False}


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param(r"(.*?)\s*$", id="spaces"),
        pytest.param(r"(?:.*?)([^\s:]+):x", id="runs"),
    ],
)
def test_a_pattern_that_backtracks_is_noticed(planted: str) -> None:
    assert spent(Pattern(planted), search=False) > BOUND_S
