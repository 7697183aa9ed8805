from __future__ import annotations

import pytest

from sickbay.render.page import block, line, text
from sickbay.render.plain import Paint
from sickbay.toolsets.hud.render.query import cell
from sickbay.toolsets.hud.render.words import commit

BARE = Paint(colour=False)


def test_a_commit_names_its_pull_request_once() -> None:
    named = {"sha": "a" * 40, "author": "ada", "pr": 7, "time": None}
    for title, said in (("Fix it (#7)", "Fix it (#7)"), ("Fix it", "Fix it #7")):
        page = text(
            [block([line(*commit({**named, "title": title}))])], paint=BARE, width=90
        )
        assert page == f"{'a' * 10} {said} by ada, at an unknown time\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(None, "-", id="unknown"),
        pytest.param("x", "x", id="text"),
        pytest.param(12345678901, "12345678901", id="number"),
        pytest.param(0.123456789, "0.123457", id="fraction"),
        pytest.param(True, "true", id="truth"),
        pytest.param(["ä", 1], '["ä", 1]', id="list"),
    ],
)
def test_values_are_shown_as_they_are(value: object, shown: str) -> None:
    assert cell(value) == shown
