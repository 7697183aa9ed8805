"""Calls a tool over HTTP as fast as one core allows: a client that does not count."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

HANDSHAKE, MODERN, PLAIN = "2025-11-25", "2026-07-28", "plain"
_BOTH = "application/json, text/event-stream"


@dataclass
class Wire:
    """One kept-alive connection, speaking one era of the protocol."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    era: str
    session: str = ""

    @classmethod
    async def open(cls, port: int, era: str) -> Wire:
        """Connect, and shake hands where the era wants that."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        wire = cls(reader, writer, era)
        if era == HANDSHAKE:
            known = {"clientInfo": {"name": "bench", "version": "1"}}
            params = {"protocolVersion": era, "capabilities": {}, **known}
            headers, _ = await wire.asked(wire.request("initialize", params))
            wire.session = headers[b"mcp-session-id"].decode()
            await wire.asked(wire.request("notifications/initialized", None))
        return wire

    def leave(self) -> bytes:
        """The bytes of the request that ends the session."""
        session = f"host: 127.0.0.1\r\nmcp-session-id: {self.session}"
        return f"DELETE /mcp HTTP/1.1\r\n{session}\r\n\r\n".encode()

    def request(self, method: str, params: dict[str, Any] | None) -> bytes:
        """The bytes of a request, ready to be sent again and again."""
        headers = {"host": "127.0.0.1", "content-type": "application/json"}
        if self.era != PLAIN:
            headers |= {"accept": _BOTH, "mcp-protocol-version": self.era}
        if self.era == MODERN:
            headers |= {
                "mcp-method": method,
                "mcp-name": (params or {}).get("name", ""),
            }
            meta = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            }
            params = {**(params or {}), "_meta": meta}
        if self.session:
            headers["mcp-session-id"] = self.session
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        if not method.startswith("notifications/"):
            message["id"] = 1
        body = json.dumps(message | ({"params": params} if params else {})).encode()
        headers["content-length"] = str(len(body))
        head = "".join(
            f"{name}: {value}\r\n" for name, value in headers.items() if value
        )
        return f"POST /mcp HTTP/1.1\r\n{head}\r\n".encode() + body

    def call(self, tool: str, arguments: dict[str, Any]) -> bytes:
        """The bytes of a tool call."""
        return self.request("tools/call", {"name": tool, "arguments": arguments})

    async def asked(self, request: bytes) -> tuple[dict[bytes, bytes], bytes]:
        """Send a request; its answer's headers and body."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        if not first.split(b" ", 2)[1].startswith(b"2"):
            raise OSError(f"answered {first.decode()}")
        pairs = (line.partition(b": ") for line in lines)
        headers = {name.lower(): value for name, _, value in pairs}
        if b"content-length" in headers:
            length = int(headers[b"content-length"])
            return headers, await self.reader.readexactly(length)
        return headers, await self.reader.readuntil(b"0\r\n\r\n")

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


def result(body: bytes) -> dict[str, Any]:
    """The result in an answer's body, whether it came as JSON or as a stream."""
    begin, end = body.index(b'{"jsonrpc"'), body.rindex(b"}") + 1
    found: dict[str, Any] = json.loads(body[begin:end])["result"]
    return found
