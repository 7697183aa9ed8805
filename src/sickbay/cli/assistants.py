"""How each assistant wants to be told of a server."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sickbay.core.errors import Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Client = Literal["claude-code", "claude-desktop", "cursor", "vscode"]

NAME = "sickbay"
"""What the server is called in an assistant's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """One assistant.

    Attributes:
        project: Its file in a project, and ``user`` the one for all projects; None
            where there is no such file, or none to be written by others.
        servers: The key of its file that holds the servers.
        placeholder: Stands for the value of a variable, with its name as ``{}``.
        inputs: Whether it asks its user for the values, and remembers them.
        typed: Whether an entry says how the server is reached.
        remote: Whether its file may name servers by URL.
        reload: What the user does to make it read the file.
    """

    title: str
    project: Callable[[], Path] | None
    user: Callable[[], Path] | None
    servers: str = "mcpServers"
    placeholder: str
    inputs: bool = False
    typed: bool = True
    remote: bool = True
    reload: str

    def entry(self, command: list[str], variables: Mapping[str, str]) -> dict[str, Any]:
        """A server that the assistant starts."""
        entry: dict[str, Any] = {"type": "stdio"} if self.typed else {}
        entry |= {"command": command[0], "args": command[1:]}
        return {**entry, "env": dict(variables)} if variables else entry

    def entry_at(self, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """A server that runs elsewhere.

        Raises:
            Unsupported: Its file cannot say that.
        """
        if not self.remote:
            raise Unsupported(
                f"the file of {self.title} names no servers by URL",
                hint="add the URL under Settings, Connectors; or leave out --http",
            )
        entry: dict[str, Any] = {"type": "http"} if self.typed else {}
        entry["url"] = url
        return {**entry, "headers": dict(headers)} if headers else entry

    def document(self, entry: Mapping[str, Any], asked: list[str]) -> dict[str, Any]:
        """What its file has to hold.

        Args:
            entry: Of the server.
            asked: Variables whose values the user is asked for.
        """
        document: dict[str, Any] = {self.servers: {NAME: entry}}
        if self.inputs and asked:
            document["inputs"] = [
                {
                    "type": "promptString",
                    "id": name,
                    "description": f"{name} for {NAME}",
                    "password": True,
                }
                for name in asked
            ]
        return document


def _roaming(*parts: str) -> Path:
    """Where programs of this kind of machine keep what a user has set."""
    if sys.platform == "darwin":
        return Path.home().joinpath("Library", "Application Support", *parts)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home())).joinpath(*parts)
    configured = os.environ.get("XDG_CONFIG_HOME")
    return Path(configured or Path.home() / ".config").joinpath(*parts)


ASSISTANTS: dict[Client, Assistant] = {
    "claude-code": Assistant(
        title="Claude Code",
        project=lambda: Path(".mcp.json"),
        user=None,
        placeholder="${{{}}}",
        reload="start it again in this folder and approve the server; /mcp shows it",
    ),
    "claude-desktop": Assistant(
        title="Claude Desktop",
        project=None,
        user=lambda: _roaming("Claude", "claude_desktop_config.json"),
        placeholder="<value of {}>",
        typed=False,
        remote=False,
        reload="quit it (closing its window is not enough) and start it again",
    ),
    "cursor": Assistant(
        title="Cursor",
        project=lambda: Path(".cursor", "mcp.json"),
        user=lambda: Path.home() / ".cursor" / "mcp.json",
        placeholder="${{env:{}}}",
        typed=False,
        reload="switch the server on under Settings, MCP",
    ),
    "vscode": Assistant(
        title="VS Code",
        project=lambda: Path(".vscode", "mcp.json"),
        user=lambda: _roaming("Code", "User", "mcp.json"),
        servers="servers",
        placeholder="${{input:{}}}",
        inputs=True,
        reload="run the command MCP: List Servers, choose sickbay, and start it",
    ),
}
