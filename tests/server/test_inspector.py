"""The official inspector, a client that others wrote, against ``sickbay serve``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "docs" / "examples"
NODE = ROOT / "node_modules" / ".bin" / "node"
INSPECTOR = ROOT.joinpath(
    "node_modules", "@modelcontextprotocol", "inspector", "clients", "launcher"
).joinpath("build", "index.js")
COMMAND = (str(NODE), str(INSPECTOR), "--cli")
SERVE = (sys.executable, "-m", "sickbay", "serve", "--toolsets", "logs")
URL = re.compile(r"http://127\.0\.0\.1:\d+/mcp")
LIMIT_S = 15

CALLS: dict[str, dict[str, Any]] = {
    "logs_explain": {"log": "failed.log"},
    "logs_search": {"logs": ["failed.log"], "pattern": "error"},
    "logs_read": {"log": "failed.log"},
    "logs_extract_test_results": {"log": "failed.log"},
    "logs_extract_patterns": {"log": "failed.log"},
    "logs_filter_sections": {"log": "failed.log", "start": "FAILURES"},
    "logs_diff": {"passed": "passed.log", "failed": "failed.log"},
    "logs_cluster": {"logs": ["failed.log", "passed.log"]},
    "logs_download": {"log": "failed.log"},
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (NODE.exists() and INSPECTOR.exists()),
        reason="the inspector is not installed: make node",
    ),
]


@dataclass
class Inspector:
    """Asks one server, each time anew."""

    server: tuple[str, ...]
    home: Path
    era: str

    def ask(self, method: str, *options: str) -> dict[str, Any]:
        """The result of one request."""
        asked = ("--method", method, "--protocol-era", self.era, *options)
        run = subprocess.run(
            [*COMMAND, "--format", "json", *asked, "--", *self.server],
            env=surroundings(self.home),
            cwd=LOGS,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert run.returncode == 0, run.stderr + run.stdout
        result: dict[str, Any] = json.loads(run.stdout)["result"]
        return result

    def call(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The result of one tool."""
        given = json.dumps(arguments)
        return self.ask("tools/call", "--tool-name", tool, "--tool-args-json", given)


def surroundings(home: Path) -> dict[str, str]:
    """A user's who has set nothing."""
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """Of a server over HTTP."""
    command = [*SERVE, "--http", "127.0.0.1:0", "--log-level", "info"]
    with subprocess.Popen(
        command, env=surroundings(home), cwd=LOGS, stderr=subprocess.PIPE, text=True
    ) as server:
        said = iter(server.stderr or ())
        try:
            yield next(match[0] for line in said if (match := URL.search(line)))
        finally:
            server.terminate()


def ways(*pairs: tuple[str, str]) -> pytest.MarkDecorator:
    """Transports and eras, by the name that the inspector has for them."""
    params = [pytest.param(pair, id="-".join(pair)) for pair in pairs]
    return pytest.mark.parametrize("inspector", params, indirect=True, scope="module")


@pytest.fixture(scope="module")
def inspector(request: pytest.FixtureRequest, home: Path) -> Inspector:
    way, era = request.param
    if way == "stdio":
        return Inspector(SERVE, home, era)
    return Inspector((request.getfixturevalue("address"),), home, era)


@ways(("stdio", "legacy"), ("stdio", "modern"), ("http", "legacy"), ("http", "modern"))
def test_it_lists_every_tool_and_finds_no_fault_in_a_schema(
    inspector: Inspector,
) -> None:
    tools = inspector.ask("tools/list", "--strict")["tools"]
    assert {tool["name"] for tool in tools} == set(CALLS)


@ways(("stdio", "legacy"), ("http", "modern"))
@pytest.mark.parametrize("tool", CALLS)
def test_it_calls_every_tool(inspector: Inspector, tool: str) -> None:
    result = inspector.call(tool, CALLS[tool])
    document = result["structuredContent"]
    assert document["outcome"] in {"ok", "partial"}
    assert json.loads(result["content"][0]["text"]) == document
