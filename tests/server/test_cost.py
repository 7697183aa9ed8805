"""What a call must not cost: anything for each tool that there is."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.core.manifest import Toolset
from sickbay.server.bind import listening
from sickbay.server.build import build_server
from tests.server import ward
from tests.server.stand import HANDSHAKE, MODERN, client, result, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sickbay.server.build import Server

CALLS = 5
TOOLS = [replace(ward.look, name=f"look{number}") for number in range(150)]
MANY = Toolset(
    name="many",
    summary="many tools",
    tools="tests.server.test_cost:TOOLS",
    source="tests.server.ward:opened",
)


class Shelf(dict[str, Any]):
    """A dictionary that counts who looks something up and who goes through it all."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content)
        self.seen: Counter[str] = Counter()

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - dict's own
        self.seen["looked up"] += 1
        return super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        self.seen["gone through"] += 1
        return super().__iter__()

    def values(self) -> Any:  # noqa: ANN401 - dict's own
        self.seen["gone through"] += 1
        return super().values()

    def items(self) -> Any:  # noqa: ANN401 - dict's own
        self.seen["gone through"] += 1
        return super().items()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    folders = {"cache": tmp_path / "cache", "state": tmp_path / "state"}
    return build_server({"toolsets": "many", **folders}, more=[MANY])


@pytest.mark.parametrize("era", [None, HANDSHAKE, MODERN])
def test_call_looks_its_tool_up_and_lists_none(server: Server, era: str | None) -> None:
    server.catalogue.tools = shelf = Shelf(server.catalogue.tools)
    with served(server.mcp, toolsets=frozenset({"many"})) as url:
        caller = client(url, era)
        caller.ask("tools/list")
        assert shelf.seen["gone through"]
        shelf.seen.clear()
        for number in range(CALLS):
            wanted = {"name": f"many_look{number}", "arguments": {"bed_id": "1"}}
            answer = result(caller.ask("tools/call", wanted))
            assert answer["structuredContent"]["patient"] == "patient 1"
    assert shelf.seen["looked up"] >= CALLS
    assert not shelf.seen["gone through"]


def test_small_answers_are_sent_at_once() -> None:
    """Held back until the one before is confirmed, each would take 40 ms."""

    async def unheld() -> int:
        found = asyncio.get_running_loop().create_future()

        async def met(_reader: object, writer: asyncio.StreamWriter) -> None:
            connection = writer.get_extra_info("socket")
            found.set_result(connection.getsockopt(IPPROTO_TCP, TCP_NODELAY))
            writer.close()

        with listening("127.0.0.1", 0) as listener:
            async with await asyncio.start_server(met, sock=listener):
                _, writer = await asyncio.open_connection(*listener.getsockname())
                option: int = await found
                writer.close()
                await writer.wait_closed()
        return option

    assert asyncio.run(unheld())
