"""A server for tests: its one tool waits for a line on stdin; takes options as JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import sys

from fastmcp import FastMCP

from sickbay.server.http import HttpOptions
from sickbay.server.serving import serve_http

mcp = FastMCP("patient")


@mcp.tool
async def wait() -> dict[str, bool]:
    """Wait for a line."""
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    loop.add_reader(sys.stdin, told.set)
    sys.stdout.write("waiting\n")
    sys.stdout.flush()
    try:
        await told.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return {"waited": True}


logging.basicConfig(format="%(message)s")
logging.getLogger("sickbay").setLevel(logging.INFO)
asyncio.run(serve_http(mcp, HttpOptions(port=0, **json.loads(sys.argv[1]))))
