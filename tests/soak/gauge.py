"""What a process holds: memory, tasks, threads, descriptors."""

from __future__ import annotations

import os
import re
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx2

NAMES = ("memory MB", "tasks", "threads", "descriptors")
_TASKS = re.compile(r"^sickbay_soak_tasks (\S+)$", re.MULTILINE)
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds at one moment."""

    memory_mb: float
    tasks: float
    threads: float
    descriptors: float


async def held(pid: int, http: httpx2.AsyncClient) -> Held:
    """What the server with that number holds now."""
    page = await http.get("/metrics")
    tasks = _TASKS.search(page.text)
    if tasks is None:
        raise OSError("the server does not count its tasks")
    folder = Path(f"/proc/{pid}")
    pages = int((folder / "statm").read_text().split()[1])
    return Held(
        memory_mb=pages * _PAGE / 1e6,
        tasks=float(tasks[1]),
        threads=len(list((folder / "task").iterdir())),
        descriptors=len(list((folder / "fd").iterdir())),
    )


def middle(samples: Sequence[Held]) -> Held:
    """The median of each."""
    return Held(*map(median, zip(*map(astuple, samples), strict=True)))
