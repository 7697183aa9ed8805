"""The server that the suite talks to: ours, with what the suite wants added."""

from __future__ import annotations

import socket
import sys

import uvicorn
from fastmcp import FastMCP

from tests.conformance.offers import completion, offers
from tests.conformance.questions import questions
from tests.conformance.rounds import rounds


def build() -> FastMCP:
    server: FastMCP = FastMCP(
        "conformance",
        providers=[offers, questions, rounds],
        dereference_schemas=False,
    )
    server.completion(completion)
    return server


def serve() -> None:
    """Serve on a free port of the loopback, whose number is printed first."""
    app = build().http_app(host_origin_protection=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_level="warning", lifespan="on")
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve()
