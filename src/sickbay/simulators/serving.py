"""Serves an app on this machine, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

START_S = 10.0


@contextmanager
def served(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """The URL of the app, which answers until the end of the block.

    Args:
        app: What answers.
        port: Where to listen on the loopback address; 0 takes a free one.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        # or each small answer waits for the client's delayed acknowledgement
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server = _Server(config(app))
        # Python waits for other threads before it ends what is kept open until then.
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        thread.start()
        try:
            if not server.up.wait(START_S):
                raise TimeoutError("the simulator did not start")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def config(app: ASGIApp) -> uvicorn.Config:
    """How a simulator is served: quietly, and dropping what still runs at the end."""
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        proxy_headers=False,
        timeout_keep_alive=60,  # nothing drops a connection but a fault
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    def __init__(self, settings: uvicorn.Config) -> None:
        super().__init__(settings)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()
