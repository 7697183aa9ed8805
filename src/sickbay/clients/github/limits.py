"""How many requests GitHub still allows, and until when it allows none."""

from __future__ import annotations

import email.utils
import time
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from sickbay.clients.number import whole_number
from sickbay.core.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import httpx2

LONGEST_S = 7200.0
"""A window is an hour long; what is said to last longer is asked about again."""

_HEADERS = tuple(f"x-ratelimit-{name}" for name in ("limit", "remaining", "reset"))
_SEARCH = "search"
_DATE = len("Mon, 13 Jul 2026 12:00:00 GMT")  # a proxy may add a second one


@dataclass(slots=True)
class Window:
    """What is allowed in a stretch of time.

    Attributes:
        limit: Requests.
        remaining: Of these.
        ends: When there are as many again, on the monotonic clock.
    """

    limit: int
    remaining: int
    ends: float


class Limits:
    """A gate that starts no request which GitHub would refuse.

    The end of a window is an hour away, so nobody waits for it here.

    Args:
        now: The time, with its zone.

    Attributes:
        requests: How many were made.
        token: Whether one is sent.
    """

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self.requests = 0
        self.windows: dict[str, Window] = {}
        self._now = now
        self.token = False

    async def enter(self, url: httpx2.URL) -> None:
        """Count a request.

        Raises:
            Unavailable: GitHub allows none now.
        """
        if error := self.error(url):
            raise error
        self.requests += 1
        if window := self.windows.get(_resource(url)):
            window.remaining -= 1

    def left(
        self, url: httpx2.URL, status: int | None, headers: Mapping[str, str]
    ) -> None:
        """Take note of what an answer says is left."""
        said = [whole_number(headers.get(name, "")) for name in _HEADERS]
        limit, remaining, reset = said
        if status is None or limit is None or remaining is None or reset is None:
            return
        lasts_s = min(reset - self._their_time(headers), LONGEST_S)
        ends = time.monotonic() + lasts_s
        resource = headers.get("x-ratelimit-resource", _resource(url))
        self.windows[resource] = Window(limit, remaining, ends)

    def error(self, url: httpx2.URL) -> Unavailable | None:
        """Why a request would be refused, if it would."""
        window = self.windows.get(_resource(url))
        wait_s = window.ends - time.monotonic() if window else 0
        if window is None or window.remaining > 0 or wait_s <= 0:
            return None
        until = self._now().astimezone(UTC) + timedelta(seconds=wait_s)
        hint = "ask again then"
        if not self.token:
            hint = "set GITHUB_TOKEN: with a token it allows far more"
        return Unavailable(
            f"GitHub's limit of {window.limit:,} requests for {_resource(url)} is used"
            f" up until {until:%H:%M:%S} UTC",
            hint=hint,
        )

    def _their_time(self, headers: Mapping[str, str]) -> float:
        """What GitHub's clock says: ours may be another."""
        try:
            said = email.utils.parsedate_to_datetime(headers.get("date", "")[-_DATE:])
        except (ValueError, OverflowError):
            return self._now().timestamp()
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()


def _resource(url: httpx2.URL) -> str:
    return _SEARCH if f"/{_SEARCH}/" in url.path else "core"
