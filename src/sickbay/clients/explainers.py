"""Explains many logs at once, in processes: the engine holds Python's lock."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from typing import TYPE_CHECKING, Self

from sickbay.core.errors import SickbayError, Unavailable

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.logs.report import Report

MOST = 2
"""Processes: each takes the memory that its largest log takes."""

LENGTH = 8
"""Bytes that say how long an answer is; see ``explainer``."""


class Explainers:
    """Some processes that explain logs; they end with the block.

    Args:
        rules: Folder of compiled rules.
        most: How many there may be.
    """

    def __init__(self, rules: Path, *, most: int = MOST) -> None:
        self._rules = rules
        self._free = asyncio.Semaphore(max(1, min(most, os.cpu_count() or 1)))
        self._idle: list[Process] = []
        self._all: list[Process] = []

    @property
    def processes(self) -> tuple[int, ...]:
        """Their numbers, those that have ended included."""
        return tuple(process.pid for process in self._all)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._all:
            if process.returncode is None:
                process.kill()
        await asyncio.gather(*(process.wait() for process in self._all))

    async def explain(self, path: Path, *, source: str) -> Report:
        """The report on a log in a file, maybe packed.

        Args:
            path: The file.
            source: What the log is called in the report.

        Raises:
            SickbayError: It cannot be read.
        """
        async with self._free:
            process = self._idle.pop() if self._idle else await self._started()
            try:
                found = await _asked(process, path, source)
            except BaseException:  # what it still answers would be for another log
                process.kill()
                raise
            self._idle.append(process)
        if isinstance(found, SickbayError):
            raise found
        return found

    async def _started(self) -> Process:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sickbay.clients.explainer", str(self._rules)),
                stdin=PIPE,
                stdout=PIPE,
            )
        except OSError as exc:
            raise Unavailable(f"no process to explain logs: {exc.strerror}") from exc
        self._all.append(process)
        return process


async def _asked(process: Process, path: Path, source: str) -> Report | SickbayError:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process that nobody can talk to")
    line = json.dumps({"path": str(path), "source": source})
    try:
        process.stdin.write(f"{line}\n".encode())
        await process.stdin.drain()
        length = int.from_bytes(await process.stdout.readexactly(LENGTH), "big")
        answer = await process.stdout.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError) as exc:
        why = f"the process that read {source} ended: out of memory?"
        raise Unavailable(why, hint="ask for this log alone") from exc
    found: Report | SickbayError = pickle.loads(answer)  # noqa: S301 - our own process wrote it
    return found
