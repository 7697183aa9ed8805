"""A program that answers one question: without a shell, bounded in time and size."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.errors import TimedOut, TooLarge, Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

MAX_COMPLAINT = 2000
"""Bytes of what it complains about that are kept."""

_PIECE = 1 << 16
_LAST_S = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a program printed, complained about, and its exit status."""

    out: bytes
    complaint: bytes
    status: int


async def answer(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    limit_s: float,
    max_bytes: int,
) -> Answer:
    """Run a program to its end.

    Args:
        command: Its name and arguments.
        folder: Where it runs.
        environment: All of it.
        limit_s: After which it is ended.
        max_bytes: Of what it prints.

    Raises:
        Unsupported: There is no such program.
        TimedOut: It took too long.
        TooLarge: It printed too much.
    """
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            start_new_session=True,
        )
    except OSError as exc:
        raise Unsupported(f"{command[0]} cannot be run: {exc.strerror}") from exc
    try:
        async with asyncio.timeout(limit_s):
            out, complaint = await asyncio.gather(
                _kept(process.stdout, max_bytes, lambda: _end(process)),
                _kept(process.stderr, MAX_COMPLAINT),
            )
            status = await process.wait()
    except TimeoutError as exc:
        raise TimedOut(f"{command[0]} took longer than {limit_s:g} s") from exc
    finally:
        await _gone(process)
    if len(out) > max_bytes:
        raise TooLarge(f"{command[0]} answers with more than {max_bytes:,} bytes")
    return Answer(out, complaint[:MAX_COMPLAINT], status)


async def _kept(
    stream: asyncio.StreamReader | None, size: int, over: Callable[[], object] = int
) -> bytes:
    """What comes, read to its end: the beginning of it, a little more than that size.

    Args:
        stream: Where from.
        size: Of what is kept.
        over: Is called once there is more.
    """
    kept = bytearray()
    while stream and (part := await stream.read(_PIECE)):
        if len(kept) <= size:
            kept += part
            if len(kept) > size:
                over()
    return bytes(kept)


def _end(process: asyncio.subprocess.Process) -> None:
    """End it, and whatever it has started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Wait until it is gone; Python waits for the ends of its pipes, too."""
    if process.returncode is None:
        _end(process)
    with suppress(TimeoutError):
        async with asyncio.timeout(_LAST_S):
            await asyncio.gather(_kept(process.stdout, 0), _kept(process.stderr, 0))
            await process.wait()
