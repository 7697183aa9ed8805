from __future__ import annotations

import re
from collections import defaultdict

import pytest

from sickbay.history.statements import names, query


@pytest.mark.parametrize("name", names())
def test_every_parameter_of_a_query_has_a_type(name: str) -> None:
    found = query(name)
    assert all(found.parameters.values())
    for used in set(re.findall(r"\$(\w+)", found.text)):
        assert f"CAST(${used} AS {found.parameters[used]})" in found.text


@pytest.mark.parametrize("name", names())
def test_a_query_is_one_statement_with_its_parts_in_it(name: str) -> None:
    text = query(name).text
    assert re.match(r"SELECT\b|WITH\b", text)
    assert "-- include" not in text
    assert ";" not in text


def test_a_parameter_has_the_same_type_everywhere() -> None:
    types: dict[str, set[str]] = defaultdict(set)
    for name in names():
        for parameter, kind in query(name).parameters.items():
            types[parameter].add(kind)
    assert {name for name, kinds in types.items() if len(kinds) > 1} == set()


def test_overrides_and_parts_are_no_queries() -> None:
    assert {"builds", "timeline", "tallies"} <= set(names())
    assert not [name for name in names() if "." in name or name in {"wanted", "signs"}]


@pytest.mark.parametrize("name", ["nope", "parts/wanted", "../schema", ""])
def test_a_query_that_is_not_there_is_a_mistake(name: str) -> None:
    with pytest.raises(KeyError):
        query(name)
