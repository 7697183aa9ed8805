from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sickbay.cli import app
from sickbay.cli.main import AROUND_THE_SERVER, OURS, parser
from sickbay.render.tokens import estimated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cyclopts import App

    from tests.cli.desk import Desk


def test_help_lists_every_command(desk: Desk) -> None:
    said = desk.run("--help").stdout
    for name in (*OURS, *AROUND_THE_SERVER, "ward"):
        assert f"\n    {name} " in said


def commands(command: App) -> Iterator[App]:
    """A command, or all those below it."""
    if command.default_command:
        yield command
        return
    for name in command:
        if not name.startswith("-"):
            yield from commands(command[name])


def test_every_option_of_every_command_is_explained() -> None:
    found = [one for name in AROUND_THE_SERVER for one in commands(app.app()[name])]
    assert len(found) > len(AROUND_THE_SERVER)
    for command in found:
        for argument in command.assemble_argument_collection(parse_docstring=True):
            assert argument.parameter.help, f"{command.name} {argument.name}"
    assert parser().prog == "sickbay"


def listed(desk: Desk, *arguments: str) -> dict[str, Any]:
    done = desk.main("tools", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["schema"] == 1
    return {entry["toolset"]: entry for entry in found["toolsets"]}


def test_what_is_off_says_why_and_what_writes_is_held_back(desk: Desk) -> None:
    entries = listed(desk, "--toolsets", "ward")
    assert entries["logs"]["enabled"] is False
    assert entries["logs"]["why_not"] == "not named in --toolsets"
    assert entries["logs"]["tools"] == []
    assert "ward_discharge" in entries["ward"]["held_back"]
    writes = listed(desk, "--toolsets", "ward", "--write")["ward"]
    assert writes["held_back"] == []
    read_only = {tool["tool"]: tool["read_only"] for tool in writes["tools"]}
    assert (read_only["ward_look"], read_only["ward_discharge"]) == (True, False)


def test_the_page_says_what_switches_a_toolset_on(desk: Desk) -> None:
    page = desk.main("tools").stdout
    assert "  not configured: set SICKBAY_HUD__URL, or name it in --toolsets\n" in page


def test_tokens_are_those_of_the_definitions(desk: Desk) -> None:
    entry = listed(desk)["ward"]
    tools = entry["tools"]
    for tool in tools:
        said = tool["description"] + json.dumps(
            tool["arguments"], separators=(",", ":")
        )
        assert estimated(said) < tool["tokens"] < estimated(said) + 60
    assert abs(entry["tokens"] - sum(tool["tokens"] for tool in tools)) <= len(tools)


def test_the_page_names_tools_costs_and_old_names(desk: Desk) -> None:
    page = desk.main("tools", "ward", "--aliases").stdout
    assert "ward_look" in page
    assert "was get_bed" in page
    assert "only with --write: ward_discharge" in page
    assert "logs" not in page
    assert "was get_bed" not in desk.main("tools", "ward").stdout


def test_a_toolset_that_is_not_there_is_bad_usage(desk: Desk) -> None:
    done = desk.main("tools", "wart")
    assert done.returncode == 2
    assert "did you mean ward?" in done.stderr
