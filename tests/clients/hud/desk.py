"""A client of a site on this machine, and one run of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.clients.hud import AsyncHudClient
from sickbay.clients.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")

HASTE = Patience(connect_s=9, read_s=9, total_s=15, answer_s=9, pause_s=0.001)
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def client(port_or_url: int | str, **more: Any) -> AsyncHudClient:  # noqa: ANN401 - as it takes them
    url = port_or_url
    if isinstance(url, int):
        url = f"http://127.0.0.1:{url}"
    more = {"log_url": url, "temp_log_url": url, "stats_url": url, **more}
    return AsyncHudClient(url, **{"patience": HASTE, **more})


def asked(
    place: int | str,
    work: Callable[[AsyncHudClient], Awaitable[T]],
    **more: Any,  # noqa: ANN401 - as client takes them
) -> T:
    """What some work with a new client gives."""

    async def run() -> T:
        async with client(place, **more) as hud:
            return await work(hud)

    return asyncio.run(run())
