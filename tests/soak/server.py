"""The server that is soaked: ``logs``, and tools that work, fail, wait and snore.

It keeps its state in the folder that it is given, and prints where it serves.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from annotated_types import Ge, Le
from prometheus_client import Gauge

from sickbay.core.errors import Unavailable
from sickbay.core.manifest import Toolset
from sickbay.core.results import Coverage, Listing
from sickbay.core.tool import Call, tool
from sickbay.server import journal
from sickbay.server.build import build_server
from sickbay.server.http import HttpOptions
from sickbay.server.metrics import Metrics
from sickbay.server.serving import serve_http

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PATIENCE_S = 3.0
IDLE_S = 5.0
TASKS = "sickbay_soak_tasks"
Marker = Annotated[str, "tells this call from all others"]


@dataclass
class Ward:
    """Who has begun to wait, by marker."""

    begun: defaultdict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)
    )
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)


@dataclass(frozen=True, kw_only=True)
class Work(Listing):
    """What was done."""

    lines: tuple[str, ...] = ()


@asynccontextmanager
async def opened(_settings: object, _services: object) -> AsyncIterator[Ward]:
    yield Ward()


@tool(items="lines", untrusted=("lines",))
def work(  # noqa: PLR0913 - what a caller may wish for
    ward: Ward,  # noqa: ARG001 - every tool gets it
    call: Call,
    *,
    marker: Marker,
    size: Annotated[int, Ge(0), Le(1000), "lines"] = 10,
    width: Annotated[int, Ge(1), Le(50_000), "characters of each"] = 60,
    how: Annotated[Literal["well", "outage", "bug"], "how it ends"] = "well",
) -> Work:
    """Work in a thread of its own: gives lines."""
    for number in range(3):
        call.progress(number + 1, 3)
    if how == "outage":
        raise Unavailable(f"no line to {marker}")
    if how == "bug":
        raise ZeroDivisionError(marker)
    line = f"{marker} \x1b[31m{'x' * width}"
    return Work(lines=(line,) * size, coverage=Coverage(size, size))


@tool(timeout_s=PATIENCE_S)
async def wait(ward: Ward, call: Call, *, marker: Marker) -> Work:
    """Wait until somebody gives up: gives lines."""
    ward.begun[marker].set()
    call.say("waiting")
    await asyncio.Event().wait()
    return Work()


@tool(timeout_s=PATIENCE_S)
def snore(ward: Ward, call: Call, *, marker: Marker) -> Work:
    """Keep a thread busy until somebody gives up: gives lines."""
    ward.loop.call_soon_threadsafe(ward.begun[marker].set)
    pause = threading.Event()
    while True:
        call.check()
        call.progress(1)
        pause.wait(0.02)


@tool()
async def meet(ward: Ward, call: Call, *, marker: Marker, whom: str) -> Work:  # noqa: ARG001 - for the record
    """Come back when another call has begun to wait: gives lines."""
    await ward.begun[whom].wait()
    del ward.begun[whom]
    return Work()


TOOLS = (work, wait, snore, meet)
TOOLSET = Toolset(
    name="soak",
    summary="for the soak",
    tools=f"{__name__}:TOOLS",
    source=f"{__name__}:opened",
)


def main() -> None:
    """Serve until told to stop, as ``sickbay serve --http`` does."""
    folder = Path(sys.argv[1])
    given = {"cache": folder / "cache", "state": folder / "state"}
    server = build_server({"toolsets": "logs,soak", **given}, more=[TOOLSET])
    journal.start("error", server.house.finish.redactor, file=folder / "log")
    announce = logging.getLogger("sickbay.server.serving")
    announce.addHandler(logging.StreamHandler(sys.stdout))
    announce.setLevel(logging.INFO)
    server.house.observer = metrics = Metrics()
    tasks = Gauge(TASKS, "Tasks in the event loop.", registry=metrics.registry)
    tasks.set_function(lambda: len(asyncio.all_tasks()))
    options = HttpOptions(
        port=0, toolsets=frozenset({"logs", "soak"}), session_idle_s=IDLE_S
    )
    asyncio.run(serve_http(server.mcp, options, metrics=metrics))
