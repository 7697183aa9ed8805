"""Which way to builds is taken: a folder, the API with a token, or the public pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sickbay.clients.buildkite.limits import Limits
from sickbay.clients.buildkite.places import API, WEB, Api, Web
from sickbay.clients.hosts import Host, own_host, place
from sickbay.core.errors import Unsupported

if TYPE_CHECKING:
    from pathlib import Path

    from sickbay.clients.buildkite.rest import Rest
    from sickbay.clients.buildkite.way import Way
    from sickbay.clients.http import Http
    from sickbay.clients.patience import Patience

STORES = (
    "*.amazonaws.com",
    "*.buildkiteartifacts.com",
    "*.buildkiteusercontent.com",
    "storage.googleapis.com",
    "*.blob.core.windows.net",
)
"""Hosts to which Buildkite redirects for artifacts and logs; no token goes there."""

_KNOWN = frozenset({API, WEB})


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where things are, and who asks.

    Attributes:
        api: Base address of the API.
        web: That of the pages.
        token: Of the API, and for no other host.
        folder: Of saved builds, instead of both.
        stores: Hosts that artifacts and logs may be sent from.
        log_in: Whether a login of the user's own may be used.
        organization: Whose login.
    """

    api: str
    web: str
    token: str | None = field(repr=False)
    folder: Path | None
    stores: tuple[str, ...]
    log_in: bool
    organization: str


class Door:
    """Takes a way when it is first needed: finding a login may take a moment.

    Args:
        addresses: Where things are.
        patience: How long to wait.
        jitter_s: Least and most waited on top where a limit is used up.
        max_log_bytes: Of a log.
        writes: Whether changes may be asked for.

    Attributes:
        limits: Of the API.

    Raises:
        BadRequest: An address is none.
        Denied: A token would go over the internet unencrypted.
    """

    def __init__(
        self,
        addresses: Addresses,
        patience: Patience,
        *,
        jitter_s: tuple[float, float],
        max_log_bytes: int,
        writes: bool,
    ) -> None:
        self._addresses = addresses
        self._patience = patience
        self._max_log_bytes = max_log_bytes
        self._writes = writes
        self._api = _host(addresses.api, secret=bool(addresses.token))
        self._web = _host(addresses.web)
        self.limits = Limits(place(self._api.name, self._api.port), jitter_s=jitter_s)
        self._opening = asyncio.Lock()
        self._http: Http | None = None
        self._way: Way | None = None
        self._rest: Rest | None = None

    async def way(self) -> Way:
        """The way to builds."""
        async with self._opening:
            if self._way is None:
                self._way = await self._taken()
            return self._way

    async def rest(self) -> Rest:
        """The way by which changes are made.

        Raises:
            Unsupported: Builds come another way.
        """
        await self.way()
        if self._rest is None:
            raise Unsupported(
                "builds are changed by the API alone, and there is no token for it",
                hint="set BUILDKITE_API_TOKEN to a token with the scope write_builds",
            )
        return self._rest

    async def aclose(self) -> None:
        """Close every connection."""
        if self._http:
            await self._http.aclose()

    async def _taken(self) -> Way:
        at = self._addresses
        if at.folder:
            from sickbay.clients.buildkite.folder import Folder  # noqa: PLC0415 - rare

            return Folder(at.folder, max_log_bytes=self._max_log_bytes)
        from sickbay.clients.buildkite.either import Either  # noqa: PLC0415 - brings httpx2
        from sickbay.clients.buildkite.public import Public  # noqa: PLC0415 - brings httpx2
        from sickbay.clients.buildkite.rest import Rest  # noqa: PLC0415 - brings httpx2

        token = at.token or await self._login()
        self._http = http = self._client(token)
        most = self._max_log_bytes
        public = Public(http, Web(at.web), max_log_bytes=most)
        own = at.api != API and at.web == WEB
        if not token and not own:
            return public
        self._rest = rest = Rest(
            http,
            *(Api(at.api), self.limits),
            token=bool(token),
            max_log_bytes=most,
        )
        return rest if own else Either(rest, public)

    async def _login(self) -> str | None:
        """The token of a login, which is for the real Buildkite and no other."""
        at = self._addresses
        if not at.log_in or at.api != API:
            return None
        from sickbay.clients.logins import buildkite_token  # noqa: PLC0415 - rare

        return await buildkite_token(at.organization)

    def _client(self, token: str | None) -> Http:
        from sickbay.clients.http import Http  # noqa: PLC0415 - brings httpx2

        credential = {"Authorization": f"Bearer {token}"} if token else {}
        return Http(
            [self._api, self._web, *self._addresses.stores],
            credentials={Api(self._addresses.api).below: credential},
            patience=self._patience,
            setting="SICKBAY_BUILDKITE__URL",
            writes=self._writes,
            gate=self.limits,
        )


def _host(address: str, *, secret: bool = False) -> Host:
    """The host of an address that the operator configured; Buildkite's are public."""
    host = own_host(address, system="Buildkite", secret=secret)
    return Host(host.name, host.port) if address in _KNOWN else host
