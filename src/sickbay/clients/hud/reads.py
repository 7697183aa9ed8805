"""What the parts of the HUD client share: how to fetch and decode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.clients.hud.fetch import Wanted
from sickbay.clients.hud.tolerant import Tolerant, json_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sickbay.clients.hud.fetch import Fetch
    from sickbay.clients.hud.places import Places

T = TypeVar("T")
U = TypeVar("U")


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

    async def _raw(self, url: str) -> Any:  # noqa: ANN401 - any JSON
        """The same as plain objects."""
        return await self._fetch(Wanted(url, json_of, form="raw"))


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """Decodes a type, whatever cannot be read left out."""
    read = Tolerant(kind)
    return lambda body: read(body).value
