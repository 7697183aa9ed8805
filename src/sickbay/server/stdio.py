"""Serves one client over stdin and stdout, until it hangs up or we are told to stop."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastmcp import FastMCP

_CHUNK = 1 << 16


async def serve_stdio(mcp: FastMCP) -> None:
    """Serve until the end of stdin; SIGTERM and SIGINT count as that end.

    A second signal does what it does to any program.
    """
    loop = asyncio.get_running_loop()
    with _interruptible_stdin() as end:

        def stop() -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
            end()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        await mcp.run_stdio_async(show_banner=False)


@contextmanager
def _interruptible_stdin() -> Iterator[Callable[[], None]]:
    """Put a pipe in the place of stdin; calling what this gives ends the pipe.

    The transport waits for input in a thread that nothing can wake but input: it
    would keep the process from ending when a signal asks for that.
    """
    wire = os.dup(0)
    reader, writer = os.pipe()
    woken, wake = os.pipe()
    os.dup2(reader, 0)
    os.close(reader)
    threading.Thread(
        target=_pump, args=(wire, writer, woken), name="stdin", daemon=True
    ).start()
    try:
        yield lambda: os.close(wake)
    finally:
        os.dup2(wire, 0)


def _pump(wire: int, writer: int, woken: int) -> None:
    """Copy from one descriptor to another until either end, or until woken."""
    try:
        while True:
            ready, _, _ = select.select([wire, woken], [], [])
            if woken in ready:
                break
            data = os.read(wire, _CHUNK)
            if not data:
                break
            view = memoryview(data)
            while view:
                view = view[os.write(writer, view) :]
    except OSError:
        pass  # the client or the server is gone: that is the end, too
    finally:
        os.close(writer)
