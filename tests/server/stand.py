"""A small server behind the real HTTP face, on a free port of this machine."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import uvicorn
from fastmcp import FastMCP

from sickbay.server.bind import listening
from sickbay.server.http import HttpOptions, http_app
from sickbay.server.request import chosen, principal, scopes

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from starlette.applications import Starlette

    from sickbay.server.health import Health
    from sickbay.server.metrics import Metrics

HANDSHAKE, MODERN = "2025-11-25", "2026-07-28"
TOOLSETS = frozenset({"logs", "hud"})
BOTH = "application/json, text/event-stream"
START_S = 10


def whoami() -> FastMCP:
    """A server whose one tool tells what it knows of the request."""
    mcp = FastMCP("whoami")

    @mcp.tool
    def who() -> dict[str, Any]:
        wanted = chosen()
        return {
            "chosen": None if wanted is None else sorted(wanted),
            "scopes": sorted(scopes()),
            "principal": principal(),
        }

    return mcp


@contextmanager
def served(
    mcp: FastMCP | None = None,
    *,
    metrics: Metrics | None = None,
    health: Health | None = None,
    **options: Any,  # noqa: ANN401 - those of HttpOptions
) -> Iterator[str]:
    """The base URL of a server that runs until the end of the block."""
    with listening("127.0.0.1", 0) as listener:
        options = {"toolsets": TOOLSETS, "port": listener.getsockname()[1], **options}
        settings = HttpOptions(**options)
        app = http_app(mcp or whoami(), settings, metrics=metrics, health=health)
        with running(app, listener):
            yield f"http://127.0.0.1:{settings.port}"


@contextmanager
def running(app: Starlette, listener: socket.socket) -> Iterator[None]:
    """Run an app in a thread of its own."""
    server = _Server(uvicorn.Config(app, log_config=None, proxy_headers=False))
    server.config.timeout_graceful_shutdown = 1
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert server.up.wait(START_S)
        yield
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@dataclass
class Client:
    """Speaks MCP with nothing but HTTP, in the era that it is told."""

    url: str
    era: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, params: Mapping[str, Any] | None = None, *, path: str = ""
    ) -> httpx2.Response:
        """Send one request."""
        given = dict(params or {})
        headers = {"content-type": "application/json", **self.headers}
        if self.era is not None:
            headers |= {"accept": BOTH, "mcp-protocol-version": self.era}
        if self.era == MODERN:
            headers["mcp-method"] = method
            headers |= {"mcp-name": given["name"]} if "name" in given else {}
            given["_meta"] = given.get("_meta", {}) | {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientCapabilities": {},
            }
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": given}
        url = f"{self.url}/mcp{path}"
        return httpx2.post(url, json=body, headers=headers, timeout=10)

    def who(self, *, path: str = "") -> dict[str, Any]:
        """What the tool knows of this client's request."""
        answer = self.ask("tools/call", {"name": "who"}, path=path)
        assert answer.status_code == 200, answer.text
        known: dict[str, Any] = result(answer)["structuredContent"]
        return known


def hello(url: str, **headers: str) -> httpx2.Response:
    """The answer to the request that opens a session."""
    params = {
        "protocolVersion": HANDSHAKE,
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    return Client(url, headers={"accept": BOTH, **headers}).ask("initialize", params)


def opened(url: str, **headers: str) -> Client:
    """A client in a handshake session."""
    answer = hello(url, **headers)
    assert answer.status_code == 200, answer.text
    session = {"mcp-session-id": answer.headers["mcp-session-id"]}
    return Client(url, HANDSHAKE, {**headers, **session})


def client(url: str, era: str | None, **headers: str) -> Client:
    """A client of any kind: plain (None), in a session, or without one."""
    if era == HANDSHAKE:
        return opened(url, **headers)
    return Client(url, era, dict(headers))


def result(answer: httpx2.Response) -> dict[str, Any]:
    """The result in an answer, whether it came as JSON or at the end of a stream."""
    text = answer.text
    if answer.headers["content-type"].startswith("text/event-stream"):
        text = text.rpartition("data: ")[2].strip()
    found: dict[str, Any] = json.loads(text)["result"]
    return found
