from __future__ import annotations

import pytest

from sickbay.render.cells import ROWS, cell, counted, table
from sickbay.render.page import block, text
from sickbay.render.plain import Paint

BARE = Paint(colour=False)


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


def test_rows_that_are_not_shown_are_counted() -> None:
    rows = [[number] for number in range(ROWS + 5)]
    page = text([table(["n"], rows), block(counted(rows))], paint=BARE, width=90)
    assert len(page.splitlines()) == 1 + ROWS + 1 + 2
    assert page.endswith(
        f"and 5 more rows; --format json has them all\n{len(rows)} rows.\n"
    )
