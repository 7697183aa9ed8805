"""One way to HUD's data: from the cache, from a request under way, or a new one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from anyio import to_thread

from sickbay.clients.cache import Kept
from sickbay.clients.hud.answer import Answer, decoded
from sickbay.clients.once import Once
from sickbay.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sickbay.clients.cache import Disk, Memory
    from sickbay.clients.http import Http
    from sickbay.clients.hud.access import Access

T = TypeVar("T")

SOON = 60.0
"""Seconds that an answer holds which may change any time."""

MAX_ANSWER = 128 << 20
"""Bytes of an answer, unpacked."""


@dataclass(frozen=True, slots=True)
class Wanted(Generic[T]):
    """Something to fetch.

    Attributes:
        url: Where it is.
        decode: Makes a value of its body.
        holds_s: For how long the value holds.
        form: Tells apart values of different types that the same URL stands for.
        text: It is text, and no JSON.
        own: Whether it is HUD's own, and not one of the files elsewhere.
        headers: What goes along besides.
        hint: What may be wrong where HUD breaks without a word.
    """

    url: str
    decode: Callable[[bytes], T]
    holds_s: Callable[[T], float] = lambda _: SOON
    form: str = ""
    text: bool = False
    own: bool = True
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    hint: str = ""


class Fetch:
    """Fetches values, each of them once for all who ask for it at the same time.

    Args:
        http: Makes the requests.
        access: Goes along with those to HUD.
        memory: Keeps values.
        disk: Keeps bodies, where there is one.
        now: The time.
    """

    def __init__(
        self,
        http: Http,
        *,
        access: Access,
        memory: Memory,
        disk: Disk | None,
        now: Callable[[], datetime],
    ) -> None:
        self._http = http
        self._access = access
        self._memory = memory
        self._disk = disk
        self._now = now
        self._once = Once()

    async def __call__(self, wanted: Wanted[T], *, refresh: bool = False) -> T:
        """The value.

        Args:
            wanted: What.
            refresh: Ask for it, though it is in the cache.

        Raises:
            SickbayError: It is not to be had.
        """
        key = (wanted.url, wanted.form)
        kept = None if refresh else self._memory.get(key)
        if kept is not None:
            value: T = kept.value
            return value
        fetched = partial(self._fetched, key, wanted, refresh=refresh)
        return await self._once(key, fetched)

    async def _fetched(self, key: object, wanted: Wanted[T], *, refresh: bool) -> T:
        if self._disk and not refresh:
            stored = await self._stored(self._disk, wanted)
            if stored:
                self._memory.put(key, stored)
                value: T = stored.value
                return value
        url = self._access.way(wanted.url) if wanted.own else wanted.url
        access = self._access if wanted.own else type(self._access)()
        value, body = await self._http.read(
            url,
            Answer(wanted.decode, access, text=wanted.text, hint=wanted.hint),
            headers={**access.headers, **wanted.headers},
            max_bytes=MAX_ANSWER,
        )
        holds_s = wanted.holds_s(value)
        if holds_s <= 0:
            return value
        until = self._now().timestamp() + holds_s
        self._memory.put(key, Kept(value, len(body), until))
        if self._disk:
            await to_thread.run_sync(self._disk.put, wanted.url, body, until)
        return value

    async def _stored(self, disk: Disk, wanted: Wanted[T]) -> Kept | None:
        found = await to_thread.run_sync(disk.get, wanted.url)
        if found is None:
            return None
        body, until = found
        try:
            return Kept(await decoded(wanted.decode, body), len(body), until)
        except Malformed:  # another version of us wrote it
            return None
