"""A program that answers one question: without a shell, bounded in time and size."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.core.errors import TimedOut, TooLarge, Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAX_COMPLAINT = 2000
"""Bytes of what it complains about that are kept."""

_PIECE = 1 << 16


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
        )
    except OSError as exc:
        raise Unsupported(f"{command[0]} cannot be run: {exc.strerror}") from exc
    try:
        async with asyncio.timeout(limit_s):
            out, complaint = await asyncio.gather(
                _whole(process.stdout, max_bytes, command[0]),
                _beginning(process.stderr),
            )
            status = await process.wait()
    except TimeoutError as exc:
        raise TimedOut(f"{command[0]} took longer than {limit_s:g} s") from exc
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    return Answer(out, complaint, status)


async def _whole(
    stream: asyncio.StreamReader | None, max_bytes: int, name: str
) -> bytes:
    parts = bytearray()
    while stream and (part := await stream.read(_PIECE)):
        parts += part
        if len(parts) > max_bytes:
            raise TooLarge(f"{name} answers with more than {max_bytes:,} bytes")
    return bytes(parts)


async def _beginning(stream: asyncio.StreamReader | None) -> bytes:
    said = b""
    while stream and (part := await stream.read(_PIECE)):
        said = (said + part)[:MAX_COMPLAINT]
    return said
