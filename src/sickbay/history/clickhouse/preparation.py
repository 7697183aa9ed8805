"""Makes and migrates the tables of a history in ClickHouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.core.errors import BadRequest, NotFound, Unsupported
from sickbay.history.clickhouse.schema import STORED, statements
from sickbay.history.clickhouse.wire import rows
from sickbay.history.schema import TABLES, VERSION

if TYPE_CHECKING:
    from sickbay.clients.clickhouse.database import Database, Settings

_OTHERS = """
SELECT name FROM system.tables
WHERE
    database = currentDatabase()
    AND has({names: Array(String)}, name)
    AND position(as_select, concat(name, {stored: String})) = 0
"""


async def prepare(database: Database) -> None:
    """Bring the tables to our version, and make those that are not there.

    All statements may be repeated: two processes at once do no harm.

    Raises:
        Unsupported: A newer Sickbay made them.
        BadRequest: There are tables of somebody else's under our names.
        SickbayError: They cannot be made.
    """
    version = await _version(database)
    if version > VERSION:
        raise Unsupported(
            f"the history in ClickHouse is of version {version}, and this Sickbay knows"
            f" {VERSION}",
            hint="upgrade Sickbay",
        )
    if version == VERSION:
        return
    await database.create()
    if version == 0:
        await _check(database)
    for statement in statements():
        await database.write(statement)


async def knows(database: Database, settings: Settings) -> bool:
    """Whether this ClickHouse has settings of these names."""
    asked = "SELECT name FROM system.settings WHERE has({names: Array(String)}, name)"
    found = await rows(database, asked, {"names": [*settings]})
    return len(found) == len(settings)


async def _version(database: Database) -> int:
    """Of the tables there; 0 where there are none."""
    try:
        found = await rows(database, "SELECT max(version) AS v FROM schema_version")
    except NotFound:
        return 0
    return int(found.column("v")[0].as_py() or 0)


async def _check(database: Database) -> None:
    """Leave alone what has our names and is not ours."""
    found = await rows(database, _OTHERS, {"names": [*TABLES], "stored": STORED})
    if found.num_rows:
        named = ", ".join(sorted(found.column("name").to_pylist()))
        raise BadRequest(
            f"the database {database.name!r} has other tables called {named}",
            hint="SICKBAY_HISTORY__CLICKHOUSE_DATABASE can name one of its own",
        )
