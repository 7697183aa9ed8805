from __future__ import annotations

from sickbay.core.results import Coverage


def test_where_nobody_knows_the_total_what_was_examined_stands_for_it() -> None:
    assert Coverage(examined=3, total=None).of == 3
    assert Coverage(examined=3, total=9).of == 9
