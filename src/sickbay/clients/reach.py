"""Whether anybody answers at an address that the operator configured."""

from __future__ import annotations

import httpx2

from sickbay.clients.refusal import shown
from sickbay.core.errors import BadRequest, TimedOut, Unavailable

WAIT_S = 5.0


async def reached(address: str, *, wait_s: float = WAIT_S) -> str:
    """Ask for the head of a page; any answer will do.

    Returns:
        What answered, and with which status.

    Raises:
        BadRequest: That is no URL.
        TimedOut: Nobody answered in time.
        Unavailable: Nobody answered, or not as a web server does.
    """
    try:
        url = httpx2.URL(address)
        async with httpx2.AsyncClient(timeout=wait_s) as client:
            answer = await client.head(url)
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol) as exc:
        raise BadRequest(f"{address} is no URL: {exc}") from exc
    except httpx2.TimeoutException as exc:
        raise TimedOut(f"{shown(url)} did not answer in {wait_s:g} s") from exc
    except httpx2.HTTPError as exc:
        raise Unavailable(f"{shown(url)} did not answer: {exc}") from exc
    return f"{shown(url)} answers ({answer.status_code})"
