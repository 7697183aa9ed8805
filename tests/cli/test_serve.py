from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Literal

import httpx2
import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.desk import Desk

HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


def tool(name: str, **arguments: object) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}


def said(*messages: dict[str, Any]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


@contextmanager
def serving(desk: Desk, *options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        desk.command("serve", *options),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=desk.work,
        env=desk.environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def say(process: subprocess.Popen[str], *messages: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(said(*messages))
    process.stdin.flush()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_of_either_era_lists_and_calls_over_stdio(
    desk: Desk, mode: Literal["auto", "legacy"]
) -> None:
    command, *arguments = desk.command("serve", "--toolsets", "ward")

    async def asked() -> tuple[list[str], dict[str, Any]]:
        transport = StdioTransport(
            command, arguments, env=desk.environment, cwd=str(desk.work)
        )
        async with Client(transport, mode=mode) as client:
            names = [found.name for found in await client.list_tools()]
            answer = await client.call_tool("ward_look", {"bed_id": 3})
            return names, answer.structured_content or {}

    names, answer = asyncio.run(asked())
    assert "ward_look" in names
    assert "ward_discharge" not in names
    assert answer["patient"] == "patient 3"


def test_stdout_holds_nothing_but_the_protocol(desk: Desk) -> None:
    done = desk.run(
        *("serve", "--toolsets", "ward", "--log-level", "debug"),
        stdin=said(HELLO, READY, tool("ward_fall", how="bug")),
    )
    assert done.returncode == 0
    messages = [json.loads(row) for row in done.stdout.splitlines()]
    assert messages
    assert all(message["jsonrpc"] == "2.0" for message in messages)
    assert " debug " in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, None])
def test_it_ends_cleanly(desk: Desk, number: signal.Signals | None) -> None:
    with serving(desk) as process:
        say(process, HELLO)
        assert json.loads(line(process.stdout))["id"] == 1
        if number is None:
            assert process.stdin is not None
            process.stdin.close()
        else:
            process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stdout is not None
        assert process.stdout.read() == ""
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_signal_ends_it_while_a_tool_runs(desk: Desk) -> None:
    with serving(desk, "--toolsets", "ward") as process:
        say(process, HELLO, READY, tool("ward_wait"))
        assert json.loads(line(process.stdout))["id"] == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("options", "names"),
    [
        pytest.param(["--htp", "x"], "--http", id="misspelt-option"),
        pytest.param(["--consent", "maybe"], "auto", id="no-such-policy"),
        pytest.param(["--toolsets", "wards"], "ward", id="no-such-toolset"),
        pytest.param(["--http", "a:b:c"], "127.0.0.1:8000", id="no-address"),
        pytest.param(["--http", "0.0.0.0:0"], "token file", id="open-to-the-network"),
        pytest.param(["--http", "127.0.0.1:99999"], "65535", id="no-such-port"),
        pytest.param(["--log-file", "/proc/x/y"], "--log-file", id="no-log-file"),
        pytest.param(["logs"], "Unused", id="one-word-too-many"),
    ],
)
def test_bad_usage_is_one_line_that_helps(
    desk: Desk, options: list[str], names: str
) -> None:
    done = desk.run("serve", *options)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("sickbay: ")
    assert done.stderr.count("\n") == 1
    assert names in done.stderr


@pytest.mark.parametrize(
    ("variables", "options", "level"),
    [
        pytest.param({}, [], None, id="quiet-by-default"),
        pytest.param({"LOG_LEVEL": "INFO"}, [], "info", id="the-usual-variable"),
        pytest.param({"SICKBAY_LOG_LEVEL": "info"}, [], "info", id="our-variable"),
        pytest.param(
            {"LOG_LEVEL": "ERROR"}, ["--log-level", "info"], "info", id="option-wins"
        ),
    ],
)
def test_log_goes_to_stderr_as_loud_as_asked(
    desk: Desk, variables: dict[str, str], options: list[str], level: str | None
) -> None:
    desk.variables = variables
    done = desk.run("serve", *options, "--log-json")
    records = [json.loads(row) for row in done.stderr.splitlines()]
    assert bool(records) == (level is not None)
    assert {record["level"] for record in records} <= {level}
    assert done.stdout == ""


def test_a_log_file_leaves_stderr_alone(desk: Desk) -> None:
    file = desk.folder / "logs" / "sickbay.log"
    done = desk.run("serve", "--log-level", "info", "--log-file", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert " info " in file.read_text("utf-8")


@contextmanager
def listening(desk: Desk, *options: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    more = ("--http", "127.0.0.1:0", "--log-level", "info", *options)
    with serving(desk, *more) as process:
        for row in iter(lambda: line(process.stderr), ""):
            if found := re.search(r"serving on (http\S+)", row):
                yield found[1], process
                return
        raise AssertionError("it does not serve")


def test_http_answers_a_plain_request_counts_it_and_stops(desk: Desk) -> None:
    with listening(desk, "--toolsets", "ward") as (url, process):
        answer = httpx2.post(url, json=tool("ward_look", bed_id="7"))
        found = answer.json()["result"]["structuredContent"]
        assert found["patient"] == "patient 7"
        base = url.removesuffix("/mcp")
        figures = httpx2.get(f"{base}/metrics").text
        assert 'sickbay_tool_calls_total{outcome="ok",tool="ward_look"} 1.0' in figures
        assert httpx2.get(f"{base}/readyz").json()["toolsets"]["ward"] == "on"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_http_settings_come_from_the_environment(desk: Desk) -> None:
    tokens = desk.folder / "tokens.toml"
    word = "a" * 32
    tokens.write_text(f'[alice]\nscope = "read"\ntoken = "{word}"\n', encoding="utf-8")
    tokens.chmod(0o600)
    desk.variables = {"SICKBAY_HTTP__TOKENS": str(tokens)}
    with listening(desk, "--toolsets", "ward") as (url, _):
        assert httpx2.post(url, json=tool("ward_look", bed_id="7")).status_code == 401
        known = {"Authorization": f"Bearer {word}"}
        answer = httpx2.post(url, json=tool("ward_look", bed_id="7"), headers=known)
        assert answer.json()["result"]["isError"] is False
