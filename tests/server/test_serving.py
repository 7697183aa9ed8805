"""How a server ends: a real process, and real signals."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import httpx2
import pytest

from tests.server.stand import HANDSHAKE, MODERN, client, opened, result

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).with_name("patient.py")
ERAS = [None, HANDSHAKE, MODERN]


class Process:
    """A server whose one tool waits until it is told to go on."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def line(self) -> str:
        """What it says next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """Let one call end."""
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()


@contextmanager
def serving(**options: float) -> Iterator[Process]:
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), json.dumps({"drain_s": 15} | options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said: list[str] = []
    reader = threading.Thread(target=_collect, args=(process.stderr, said))
    with process:
        try:
            found = re.search(r"http://\S+(?=/mcp)", process.stderr.readline())
            assert found
            reader.start()
            yield Process(process, found[0])
        finally:
            process.kill()
            reader.join()
    assert "Traceback" not in "".join(said)


def _collect(stream: IO[str], said: list[str]) -> None:
    said.extend(stream)


@pytest.mark.parametrize("era", ERAS)
def test_call_in_flight_ends_before_the_server_does(era: str | None) -> None:
    with serving() as server, ThreadPoolExecutor() as pool:
        caller = client(server.url, era)
        call = pool.submit(caller.ask, "tools/call", {"name": "wait"})
        assert server.line() == "waiting"
        server.process.send_signal(signal.SIGTERM)
        while httpx2.get(f"{server.url}/readyz").status_code == 200:
            pass  # the signal is on its way
        assert client(server.url, None).ask("ping").status_code == 503
        assert server.process.poll() is None
        server.go_on()
        answer = call.result(timeout=10)
        assert result(answer)["structuredContent"] == {"waited": True}
        assert server.process.wait(timeout=10) == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_idle_server_ends_at_once_though_a_stream_is_open(sent: signal.Signals) -> None:
    with serving() as server:
        session = opened(server.url)
        with httpx2.stream("GET", f"{server.url}/mcp", headers=session.headers):
            server.process.send_signal(sent)
            assert server.process.wait(timeout=10) == 0


@pytest.mark.parametrize("era", ERAS)
def test_call_that_does_not_end_is_refused_when_time_is_up(era: str | None) -> None:
    with serving(drain_s=0.3) as server, ThreadPoolExecutor() as pool:
        caller = client(server.url, era)
        call = pool.submit(caller.ask, "tools/call", {"name": "wait"})
        assert server.line() == "waiting"
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=10) == 0
        answer = call.result(timeout=10)
        # a session's answer has begun by then: it ends without a result
        assert answer.status_code == (200 if era == HANDSHAKE else 503)
        assert "waited" not in answer.text


def test_second_signal_does_not_wait() -> None:
    with serving(drain_s=60) as server, ThreadPoolExecutor() as pool:
        caller = client(server.url, None)
        call = pool.submit(caller.ask, "tools/call", {"name": "wait"})
        assert server.line() == "waiting"
        server.process.send_signal(signal.SIGTERM)
        while httpx2.get(f"{server.url}/readyz").status_code == 200:
            pass
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=10) == 0
        assert call.result(timeout=10).headers["retry-after"] == "1"


def test_forwarded_address_is_not_believed() -> None:
    with serving(rate_per_s=0.01, burst=1) as server:
        answers = [
            client(server.url, None, **{"x-forwarded-for": f"192.0.2.{n}"}).ask("ping")
            for n in (1, 2)
        ]
        assert [answer.status_code for answer in answers] == [200, 429]
