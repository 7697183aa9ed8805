from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.contract import bad
from tests.contract.rules import RULES, Violation, violations
from tests.contract.walk import walking


@cache
def found() -> dict[str, list[Violation]]:
    """What is wrong with each bad tool."""

    async def watched() -> list[Violation]:
        with TemporaryDirectory() as name:
            async with walking(
                bad.TOOLSET, bad.CONTRACT, Path(name), more=(bad.TOOLSET,)
            ) as walk:
                bad.spoil(walk)
                return violations(await walk.subjects())

    by_tool = defaultdict(list)
    for violation in asyncio.run(watched()):
        by_tool[violation.tool].append(violation)
    return by_tool


@pytest.mark.parametrize(
    "one", [pytest.param(one, id=f"{one.rule}-{one.tool.name}") for one in bad.BAD]
)
def test_a_broken_rule_is_found_and_no_other(one: bad.Bad) -> None:
    said = found()[f"bad_{one.tool.name}"]
    assert [v.what for v in said if v.rule == one.rule and one.says in v.what], said
    assert {v.rule for v in said} == {one.rule, *one.also}, said


def test_every_rule_has_a_tool_that_breaks_it() -> None:
    assert {name for name, _ in RULES} == {one.rule for one in bad.BAD}
