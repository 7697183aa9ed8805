from __future__ import annotations

import asyncio
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sickbay.clients.reach import reached
from sickbay.core.errors import BadRequest, TimedOut, Unavailable


class _Refusing(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_any_answer_will_do() -> None:
    with HTTPServer(("127.0.0.1", 0), _Refusing) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/keys?secret=1"
        said = asyncio.run(reached(url))
        thread.join()
    assert said.endswith("/keys answers (401)")
    assert "secret" not in said


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unavailable, match="did not answer"):
        asyncio.run(reached(f"http://127.0.0.1:{port}"))


def test_silence_is_a_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(TimedOut):
            asyncio.run(reached(f"http://127.0.0.1:{port}", wait_s=0.2))


@pytest.mark.parametrize("address", ["ftp://example.org", "nowhere", "http://a:b"])
def test_what_is_no_url_is_said_to_be_none(address: str) -> None:
    with pytest.raises(BadRequest, match="no URL"):
        asyncio.run(reached(address))
