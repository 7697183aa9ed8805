from __future__ import annotations

import shlex

import pytest

from sickbay.render.page import block, text
from sickbay.render.plain import Paint
from sickbay.toolsets.history.render.step import next_step


@pytest.mark.parametrize(
    "test_id",
    [
        pytest.param("a.py::test_x", id="plain"),
        pytest.param("a.py::test_x[1-b]", id="brackets"),
        pytest.param("a.py::test_x[it's]", id="quote"),
        pytest.param("a.py::test_x[';id;$(id)`id`]", id="hostile"),
    ],
)
def test_the_shell_hands_over_the_test_as_it_is(test_id: str) -> None:
    shown = text(
        [block([next_step("test", test_id)])], paint=Paint(colour=False), width=200
    )
    assert shlex.split(shown) == ["Next:", "sickbay", "history", "test", test_id]
