"""A client that has nothing but HTTP and JSON."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import pytest
from fastmcp import FastMCP
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.stand import MODERN, Client, served

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = {"content-type": "application/json"}


def talkative() -> FastMCP:
    mcp = FastMCP("talkative")

    @mcp.tool
    def add(a: int, b: int) -> dict[str, int]:
        return {"sum": a + b}

    @mcp.prompt
    def begin() -> str:
        return "Where does it hurt?"

    @mcp.resource("sickbay://rules")
    def rules() -> str:
        return "wash your hands"

    return mcp


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(talkative()) as found:
        yield found


def curl(url: str, body: object, *arguments: str) -> tuple[int, Any]:
    command = ["curl", "-sS", "-m", "10", "-w", "\n%{http_code}", *arguments]
    command += ["-H", "Content-Type: application/json", "-d", json.dumps(body), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    text, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(text)


@pytest.mark.parametrize(
    "path", [pytest.param("/mcp", id="all"), pytest.param("/mcp/logs", id="chosen")]
)
def test_one_curl_calls_a_tool(url: str, path: str) -> None:
    params = {"name": "add", "arguments": {"a": 2, "b": 3}}
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}
    status, answer = curl(url + path, body)
    assert (status, answer["id"]) == (200, 7)
    assert answer["result"]["structuredContent"] == {"sum": 5}
    assert json.loads(answer["result"]["content"][0]["text"]) == {"sum": 5}


def test_curl_without_accept_header_is_answered_in_json(url: str) -> None:
    body = {"jsonrpc": "2.0", "id": "a", "method": "ping"}
    assert curl(f"{url}/mcp", body, "-H", "Accept:") == (
        200,
        {"jsonrpc": "2.0", "id": "a", "result": {}},
    )


@pytest.mark.parametrize(
    ("method", "params", "key"),
    [
        pytest.param("tools/list", None, "tools", id="tools"),
        pytest.param("prompts/list", None, "prompts", id="prompts"),
        pytest.param("prompts/get", {"name": "begin"}, "messages", id="a prompt"),
        pytest.param("resources/list", None, "resources", id="resources"),
        pytest.param(
            "resources/read", {"uri": "sickbay://rules"}, "contents", id="a resource"
        ),
    ],
)
def test_every_request_works_without_handshake(
    url: str, method: str, params: dict[str, str] | None, key: str
) -> None:
    answer = Client(url).ask(method, params)
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["result"][key]


def test_notification_is_taken_without_an_answer(url: str) -> None:
    body = {"jsonrpc": "2.0", "method": "notifications/cancelled"}
    answer = httpx2.post(f"{url}/mcp", json=body)
    assert (answer.status_code, answer.content) == (202, b"")


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        pytest.param(b"", -32700, "not JSON", id="empty"),
        pytest.param(b'{"jsonrpc": "2.0"', -32700, "not JSON", id="half"),
        pytest.param(b"\xff\xfe", -32700, "not JSON", id="bytes"),
        pytest.param(b"[" * 100_000, -32700, "not JSON", id="deep"),
        pytest.param(b"[]", -32600, "batches", id="batch"),
        pytest.param(b"1", -32600, "not a JSON object", id="number"),
        pytest.param(b"{}", -32600, "look at", id="empty object"),
        pytest.param(b'{"jsonrpc":"2.0","id":1}', -32600, "method", id="no method"),
        pytest.param(
            b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, "id", id="null id"
        ),
        pytest.param(b'{"id":1,"method":"ping"}', -32600, "jsonrpc", id="no version"),
        pytest.param(
            b'{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
            -32600,
            "params",
            id="params by position",
        ),
    ],
)
def test_broken_message_gets_a_json_rpc_error(
    url: str, body: bytes, code: int, message: str
) -> None:
    answer = httpx2.post(f"{url}/mcp", content=body, headers=JSON)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert error["code"] == code
    assert message in error["message"]
    assert "\n" not in error["message"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param({"method": "nope"}, -32601, id="unknown method"),
        pytest.param({"method": "tools/call"}, -32602, id="no tool named"),
        pytest.param(
            {"method": "tools/call", "params": {"name": 3}}, -32602, id="name of 3"
        ),
    ],
)
def test_wrong_request_gets_its_own_id_back(
    url: str, message: dict[str, Any], code: int
) -> None:
    answer = httpx2.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 9, **message})
    assert answer.json()["error"]["code"] == code
    assert answer.json()["id"] == 9


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["jsonrpc", "id", "method", "params", "_meta", "x"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=12,
    )
)
@settings(max_examples=60)
def test_no_json_makes_the_server_fail(url: str, body: object) -> None:
    answer = httpx2.post(f"{url}/mcp", json=body)
    assert answer.status_code < 500, answer.text
    assert answer.status_code == 202 or answer.json()["jsonrpc"] == "2.0"


def test_client_that_goes_away_ends_its_call() -> None:
    entered, left = threading.Event(), threading.Event()
    mcp = FastMCP("patient")

    @mcp.tool
    async def wait() -> None:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
    text = json.dumps(body | {"params": {"name": "wait"}}).encode()
    head = f"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(text)}\r\n"
    head += "content-type: application/json\r\n\r\n"
    with served(mcp) as url:
        there = urlsplit(url)
        with socket.create_connection((str(there.hostname), there.port or 0)) as call:
            call.sendall(head.encode() + text)
            assert entered.wait(5)
            assert not left.is_set()
        assert left.wait(5)


def test_form_of_a_web_page_is_not_taken_for_a_message(url: str) -> None:
    text = '{"jsonrpc": "2.0", "id": 1, "method": "ping"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "x" * 999):
        answer = httpx2.post(f"{url}/mcp", content=text, headers={"content-type": kind})
        assert answer.status_code == 415
        assert "application/json" in answer.json()["error"]["data"]["hint"]


def test_message_of_the_sessionless_era_is_not_taken_for_plain(url: str) -> None:
    params = {"_meta": {"io.modelcontextprotocol/protocolVersion": MODERN}}
    assert Client(url).ask("tools/list", params).status_code == 400
