"""``sickbay hud query`` and ``metrics``: the HUD's numbers as tables."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sickbay.clients.printer import AtDesk, Format, shown
from sickbay.core.errors import BadRequest
from sickbay.toolsets.hud.models.numbers import MetricName  # noqa: TC001 - the choices
from sickbay.toolsets.hud.render.query import queries_page, rows_page

if TYPE_CHECKING:
    from collections.abc import Sequence

Given = Annotated[tuple[str, ...], Parameter(name=("--parameter", "-p"), negative="")]


async def query(  # noqa: PLR0913 - one for each option
    name: str | None = None,
    /,
    *,
    parameter: Given = (),
    time_range: str = "",
    sql: Annotated[bool, Parameter(negative="")] = False,
    search: str = "",
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Run a named query of the HUD; without a name, list the queries there are.

    Args:
        name: Of the query; with --sql, the SQL itself.
        parameter: What the query takes, as NAME=VALUE; may be given many times.
        time_range: Such as 7d, 24h or A:B, for its start and its end.
        sql: Send SQL to the ClickHouse that is configured.
        search: List the queries with these words.
        format: How to print.
        desk: The HUD.
    """
    if not name:
        listed = await desk.result("queries", search=search)
        shown(listed, queries_page(listed), format, desk)
        return
    asked = {"sql" if sql else "name": name, "time_range": time_range}
    found = await desk.result("query", parameters=_parameters(parameter), **asked)
    shown(found, rows_page(found), format, desk)


async def metrics(
    metric: MetricName,
    /,
    *,
    time_range: str | None = None,
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Show one of the usual numbers: how red, how slow, how busy it was.

    Args:
        metric: Which.
        time_range: Such as 7d, 24h or A:B.
        format: How to print.
        desk: The HUD.
    """
    stretch = {"time_range": time_range} if time_range else {}
    found = await desk.result("metrics", metric=metric, **stretch)
    shown(found, rows_page(found), format, desk)


def _parameters(given: Sequence[str]) -> dict[str, Any]:
    found = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not (sign and name):
            raise BadRequest(f"-p {text}: no parameter", hint="give NAME=VALUE")
        found[name] = _value(value)
    return found


def _value(text: str) -> Any:  # noqa: ANN401 - any JSON
    """A list as JSON; all else is a text, whose type the query knows."""
    if not text.startswith("["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
