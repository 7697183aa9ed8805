from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sickbay.core.errors import NotFound
from sickbay.core.gaps import Gaps

if TYPE_CHECKING:
    from collections.abc import Mapping


def test_rows_that_make_no_sense_are_counted_and_the_others_read() -> None:
    def counted(row: Mapping[str, object]) -> int:
        return int(str(row["count"]))

    gaps = Gaps()
    rows: list[dict[str, object]] = [
        {"day": "2026-05-01", "count": 1},
        {"count": "some"},
        {"count": "many"},
    ]
    assert len(gaps.rows("days", rows, counted)) == 1
    (skipped,) = gaps.skipped
    assert skipped.what == "2 rows of days"


def test_what_is_not_to_be_had_is_none_and_noted_once() -> None:
    async def absent() -> int:
        raise NotFound("there is none")

    async def there() -> int:
        return 3

    gaps = Gaps()
    assert asyncio.run(gaps.tried("a", absent())) is None
    assert asyncio.run(gaps.tried("a", absent())) is None
    assert asyncio.run(gaps.tried("b", there())) == 3
    assert gaps.first is not None
    assert [item.what for item in gaps.coverage(1, 2).skipped] == ["a"]
