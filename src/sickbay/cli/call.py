"""``sickbay call``: any tool from a shell, the way an assistant would call it."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from sickbay.cli import person
from sickbay.cli.serve import start_journal
from sickbay.core.errors import BadRequest
from sickbay.server.build import build_server
from sickbay.server.session import client_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sickbay.server.build import Server

DONE, FAILED = 0, 1


def call(
    tool: str,
    /,
    *arguments: Annotated[str, Parameter(allow_leading_hyphen=True)],
    given: Annotated[str | None, Parameter(name="--json")] = None,
    toolsets: str | None = None,
    write: bool | None = None,
) -> int:
    """Call a tool, and print its structured result as JSON.

    The exit status is 1 when the result is an error. A tool that changes something
    asks first if there is a terminal; else it only says what it would do.

    Args:
        tool: Its name, or an old name of it.
        arguments: As NAME=VALUE; a name given again makes a list.
        given: Arguments as one JSON object; those given as NAME=VALUE win.
        toolsets: Names with commas, or all; by default those that are configured.
        write: Allow the tools that change something, too.
    """
    server = build_server({"toolsets": toolsets, "write": write})
    start_journal(server)
    found = server.tools.get(tool)
    schema = found.arguments.schema()["properties"] if found else {}
    merged = {**_object(given), **_named(arguments, schema)}
    result, failed = asyncio.run(_called(server, tool, merged))
    sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
    return FAILED if failed else DONE


async def _called(
    server: Server, tool: str, arguments: dict[str, Any]
) -> tuple[dict[str, Any], bool]:
    ask = person.ask if person.present() else None
    async with client_of(server, ask=ask) as client:
        answer = await client.call_tool(tool, arguments, raise_on_error=False)
    return answer.structured_content or {}, answer.is_error


def _object(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise BadRequest(f"--json: {exc}") from None
    if not isinstance(found, dict):
        raise BadRequest("--json: not an object", hint='such as \'{"log": "a.log"}\'')
    return found


def _named(arguments: Iterable[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for argument in arguments:
        name, sign, text = argument.partition("=")
        if not (sign and name):
            raise BadRequest(f"{argument}: no argument", hint="give NAME=VALUE")
        found.setdefault(name, []).append(_value(text, schema.get(name, {})))
    return {
        name: values if len(values) > 1 else values[0] for name, values in found.items()
    }


def _value(text: str, schema: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """A value as JSON where it looks like that and the tool does not want a text.

    Numbers, and the like, stay text: the tool knows what it wants.
    """
    if schema.get("type") == "string" or not text.startswith(("{", "[", '"')):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
