"""What the parts of the HUD client share: how to fetch and decode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.clients.hud.fetch import Wanted
from sickbay.clients.hud.places import owner_and_name
from sickbay.clients.tolerant import Tolerant, json_of
from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sickbay.clients.hud.fetch import Fetch
    from sickbay.clients.hud.places import Places

T = TypeVar("T")

MAX_PER_PAGE = 100


class Reads:
    """A part of the client.

    Attributes:
        repo: The repository meant where none is named.
    """

    repo: str
    _fetch: Fetch
    _places: Places
    _now: Callable[[], datetime]

    async def _got(
        self, url: str, decode: Callable[[bytes], T], *, refresh: bool = False
    ) -> T:
        """Something of HUD's own that may change any time."""
        return await self._fetch(Wanted(url, decode), refresh=refresh)

    def _page_url(
        self,
        ref: str,
        wishes: Mapping[str, bool],
        *,
        repo: str,
        page: int,
        per_page: int,
    ) -> str:
        """A page of the grid; HUD takes any value of a wish for true, also "false"."""
        if not 1 <= per_page <= MAX_PER_PAGE:
            raise BadRequest(f"per_page is a number from 1 to {MAX_PER_PAGE}")
        if page < 1:
            raise BadRequest("page is a number from 1")  # 0 would be the same page
        wanted = {name: True for name, wish in wishes.items() if wish}
        parts = owner_and_name(repo)
        return self._places.api("hud", *parts, ref, page, per_page=per_page, **wanted)

    async def _raw(self, url: str) -> Any:  # noqa: ANN401 - any JSON
        """The same as plain objects, the caller's own to change."""
        return await self._fetch(Wanted(url, json_of, lambda _: 0, form="raw"))


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Decodes a type, whatever cannot be read left out."""
    read = Tolerant(kind)
    return lambda body: read(body).value
