"""Logs over HTTP: whole ones in pieces, their sizes, and their ends."""

from __future__ import annotations

import re
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from sickbay.clients.buildkite.answer import explained, refused
from sickbay.clients.buildkite.models import LogTail
from sickbay.clients.number import whole_number
from sickbay.clients.patience import AgainError, BrokenOffError
from sickbay.clients.refusal import retry_after_s
from sickbay.core.errors import (
    BadRequest,
    Denied,
    NotFound,
    SickbayError,
    TooLarge,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from sickbay.clients.http import Http
    from sickbay.clients.reply import Reply

AGAIN = 3
"""How often a log that breaks off is begun again."""

SCOPE = "read_build_logs"

INSTEAD = "a web page came instead"

_PAGES = (b"<!doctype html", b"<html")
_PLAIN = {"Accept": "text/plain"}
_AS_IS = {**_PLAIN, "Accept-Encoding": "identity"}
"""Sizes are those of the log, and not of a packed one."""

_RANGE = re.compile(r"bytes (?:[0-9]+-[0-9]+|\*)/([0-9]{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Where a log is.

    Attributes:
        headers: What goes along.
        what: What errors call it.
        token: Whether one is sent.
    """

    url: str
    what: str
    token: bool
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def refused(self, error: SickbayError) -> SickbayError:
        """The same error in terms of this log."""
        if not isinstance(error, (Denied, NotFound)):
            return error
        message = f"{self.what}: {error.message}"
        return explained(error, message, scope=SCOPE, token=self.token)


class Logs:
    """Reads logs.

    Args:
        http: Makes the requests.
        max_bytes: Of a log.
    """

    def __init__(self, http: Http, *, max_bytes: int) -> None:
        self._http = http
        self._max_bytes = max_bytes

    async def whole(self, log: Log) -> AsyncGenerator[bytes]:
        """All of it; begun again, without what was given, where it breaks off.

        Raises:
            TooLarge: It is larger than allowed; its end may still be had.
            SickbayError: It is not to be had.
        """
        given, left = 0, AGAIN
        while True:
            behind = given
            body = self._http.stream(
                log.url, headers={**_PLAIN, **log.headers}, max_bytes=self._max_bytes
            )
            try:
                async with aclosing(body) as parts:
                    async for part in parts:
                        if not given:
                            _refuse_page(part, log)
                        fresh = part[behind:]
                        behind -= len(part) - len(fresh)
                        given += len(fresh)
                        if fresh:
                            yield fresh
            except BrokenOffError:
                left -= 1
                if left < 0:
                    raise
            except TooLarge as exc:
                most = f"{log.what} is larger than {self._max_bytes:,} bytes"
                raise TooLarge(most, hint="read the end of it") from exc
            except SickbayError as exc:
                raise log.refused(exc) from exc
            else:
                return

    async def size(self, log: Log) -> int | None:
        """Bytes of it; None where the server does not say.

        Raises:
            SickbayError: There is none, or it is not to be had.
        """

        async def size(reply: Reply) -> int | None:
            if not reply.success:
                raise self._refused(reply, log)
            return whole_number(reply.headers.get("Content-Length", ""))

        headers = {**_AS_IS, **log.headers}
        return await self._http.read(log.url, size, method="HEAD", headers=headers)

    async def tail(self, log: Log, max_bytes: int) -> LogTail:
        """The end of it.

        Raises:
            SickbayError: There is none, or it is not to be had.
        """

        async def read(reply: Reply) -> LogTail | None:
            if reply.status == HTTPStatus.BAD_REQUEST:  # it knows no ranges
                return None
            if reply.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return LogTail(data=b"", bytes_total=0, whole=True)
            if not reply.success:
                raise self._refused(reply, log)
            return _tail(reply, max_bytes)

        wanted = {"Range": f"bytes=-{max_bytes}", **_AS_IS, **log.headers}
        try:
            found = await self._http.read(
                log.url, read, headers=wanted, max_bytes=self._max_bytes
            )
        except TooLarge as exc:
            raise TooLarge(
                f"{log.what} is larger than {self._max_bytes:,} bytes, and its server"
                " gives no end of it",
                hint="allow larger logs",
            ) from exc
        return found or await self._end(log, max_bytes)

    async def _end(self, log: Log, max_bytes: int) -> LogTail:
        """The end of it by reading it whole."""
        kept, total = bytearray(), 0
        async with aclosing(self.whole(log)) as parts:
            async for part in parts:
                total += len(part)
                kept += part
                del kept[:-max_bytes]
        return LogTail(data=bytes(kept), bytes_total=total, whole=total <= max_bytes)

    def _refused(self, reply: Reply, log: Log) -> SickbayError | AgainError:
        error = refused(reply, log.what, scope=SCOPE, token=log.token)
        if isinstance(error, Unavailable):
            return AgainError(error, retry_after_s(reply))
        return error


def _tail(reply: Reply, max_bytes: int) -> LogTail:
    """What a server gave, which may be more than the end."""
    data, given = reply.body[-max_bytes:], len(reply.body)
    if reply.status != HTTPStatus.PARTIAL_CONTENT:
        return LogTail(data=data, bytes_total=given, whole=given <= max_bytes)
    told = _RANGE.fullmatch(reply.headers.get("Content-Range", ""))
    total = int(told[1]) if told else None
    whole = total == len(data) if total is not None else given < max_bytes
    return LogTail(data=data, bytes_total=total, whole=whole)


def _refuse_page(text: bytes, log: Log) -> None:
    """Refuse a page of a server in place of a log, which an agent begins."""
    if text[:64].lstrip().lower().startswith(_PAGES):
        raise BrokenOffError(f"{log.what}: {INSTEAD}")


def at_least(max_bytes: int) -> int:
    """How many bytes of an end are asked for.

    Raises:
        BadRequest: None.
    """
    if max_bytes < 1:
        raise BadRequest("the end of a log has one byte at least")
    return max_bytes
