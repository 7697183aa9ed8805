"""Whose fault a line speaks of, by rules."""

from __future__ import annotations

import pytest

from sickbay.ci.causes import causes
from sickbay.ci.faults import by_rules, fault
from sickbay.ci.signs import Sign
from sickbay.logs.catalogue import Catalogue
from sickbay.logs.rules.model import Rule
from tests.ci.drawn import grid


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(
        (
            Rule("any error", "error", fault="test", weight=0.3),
            Rule("broken part", "part gave up", fault="configuration", weight=0.9),
            Rule("says nothing", "step$", weight=0.95),
            Rule("across words", "^gave", fault="infrastructure", weight=1.0),
        ),
        given=0,
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("an error", "test", id="one rule"),
        pytest.param("error: the part gave up", "configuration", id="heaviest rule"),
        pytest.param("the last step", "unknown", id="rule that blames nobody"),
        pytest.param("No module named 'x'", "dependency", id="no rule"),
    ],
)
def test_rules_say_whose_fault_it_is(
    line: str, expected: str, catalogue: Catalogue
) -> None:
    assert by_rules(catalogue)(Sign(line)) == expected


def test_causes_take_the_category_that_rules_give(catalogue: Catalogue) -> None:
    drawn = grid({"pull / linux / build": "aaaOOO"})
    (glance,) = causes(drawn, fault=fault)
    (ruled,) = causes(drawn, fault=by_rules(catalogue))
    assert (glance.category, ruled.category) == ("code", "configuration")
