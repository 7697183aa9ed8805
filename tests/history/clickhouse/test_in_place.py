"""The folder of a history, read by ClickHouse as the docs say."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.clients.clickhouse.database import Database
from sickbay.core.errors import SickbayError
from tests.history.drawn import batches, drawn

if TYPE_CHECKING:
    from sickbay.history.face import History
    from tests.history.places import Place

pytestmark = pytest.mark.clickhouse

PAGE = Path(__file__).parents[3] / "docs/how-to/history-on-clickhouse.md"


def documented(folder: Path) -> list[str]:
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    told = blocks[-1].replace("/srv/sickbay/history", str(folder))
    return [statement.strip() for statement in told.split(";") if statement.strip()]


async def seen(history: History) -> list[list[dict[str, Any]]]:
    asked = {"named": "3", "pipeline": None, "branch": None, "most": 9}
    return [
        (await history.ask("counts")).to_pylist(),
        (await history.ask("named_builds", **asked)).to_pylist(),
    ]


def test_a_folder_is_read_where_it_is(in_folder: Place, in_clickhouse: Place) -> None:
    builds = drawn(21, builds=6, tests=8)
    puts = batches([*builds, builds[2]], per=3)
    double = in_clickhouse.double
    assert double

    async def compared() -> None:
        async with (
            in_folder.filled(puts) as ours,
            in_clickhouse.opened() as theirs,
            Database(
                double.url,
                user=double.user,
                password=double.password,
                name=in_clickhouse.database,
            ) as database,
        ):
            await database.create()
            for statement in documented(in_folder.folder):
                await database.write(statement)
            found = await seen(theirs)
            assert found == await seen(ours)
            assert sum(row["builds"] for row in found[0]) == len(builds)
            with pytest.raises(SickbayError):
                await theirs.put(puts[0])

    asyncio.run(compared())
