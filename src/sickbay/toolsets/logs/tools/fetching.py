"""The tool that brings a log here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from sickbay.core.tool import Call, tool
from sickbay.toolsets.logs.models import Download, LogName
from sickbay.toolsets.logs.source import Logs, parts


@tool(title="Download a log", timeout_s=600, open_world=True)
async def download(
    source: Logs,
    call: Call,
    *,
    log: LogName,
    refresh: Annotated[bool, "even if it is here"] = False,
) -> Download:
    """Fetch a log once, into the cache.

    Gives `handle` and `file_path` (a `log` argument takes either), `source`, `bytes`
    and `lines`.
    """
    stored = await source.log(log, refresh=refresh)
    size, lines = stored.bytes, stored.lines
    if size is None or lines is None:
        size, lines = await call.thread(_measured, parts(stored, call))
    return Download(
        handle=stored.handle,
        source=stored.source,
        bytes=size,
        lines=lines,
        file_path=str(stored.path),
    )


def _measured(chunks: Iterable[bytes | memoryview]) -> tuple[int, int]:
    size, lines, last = 0, 0, b"\n"
    for chunk in chunks:
        raw = bytes(chunk)
        size += len(raw)
        lines += raw.count(b"\n")
        last = raw[-1:] or last
    return size, lines + (last != b"\n")
