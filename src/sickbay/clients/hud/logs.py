"""Raw logs of jobs: where they are, and their bytes."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from isal import isal_zlib

from sickbay.clients.http import BUSY
from sickbay.clients.hud.models import LogPlace
from sickbay.clients.hud.reads import Reads
from sickbay.clients.patience import AgainError, BrokenOffError
from sickbay.clients.refusal import refusal, retry_after_s
from sickbay.clients.tolerant import CutError
from sickbay.core.errors import Denied, Malformed, NotFound, TooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from sickbay.clients.http import Http
    from sickbay.clients.reply import Reply

GZIP = b"\x1f\x8b"

RESUMED = 3
"""How often a log that is cut is taken up again."""

HINT = "logs expire after some time, and that of a running job may not have begun"

_DAMAGED: type[Exception] = isal_zlib.error  # type: ignore[assignment] # a class
_ASK = {"Accept-Encoding": "gzip"}

_ABSENT = (NotFound, Denied)
"""What a store answers for what it does not have; some do not even say that."""


class Logs(Reads):
    """Reads logs."""

    _http: Http
    _max_log_bytes: int

    async def log_place(
        self, job_id: int | str, *, repo: str | None = None
    ) -> LogPlace:
        """Where the log of a job is, the one of a running job included.

        Raises:
            NotFound: Nowhere.
            SickbayError: The store does not say.
        """
        absent: NotFound | Denied | None = None
        for url, running in self._urls(job_id, repo or self.repo):
            try:
                size = await self._http.read(url, _size, method="HEAD")
                return LogPlace(url=url, running=running, bytes=size)
            except _ABSENT as exc:
                absent = absent or exc
        raise _no_log(job_id, absent) from absent

    async def log(
        self,
        job_id: int | str,
        *,
        repo: str | None = None,
        found: Callable[[bool], None] | None = None,
    ) -> AsyncGenerator[bytes]:
        """The log of a job, unpacked; where it is cut, the rest is fetched again.

        Args:
            job_id: Of the job.
            repo: As ``owner/name``.
            found: Told at the end whether the job was still running.

        Raises:
            NotFound: There is none.
            SickbayError: It is not to be had.
        """
        absent: NotFound | Denied | None = None
        for url, running in self._urls(job_id, repo or self.repo):
            try:
                async with aclosing(self._resumed(url)) as parts:
                    async for part in parts:
                        yield part
            except _ABSENT as exc:
                absent = absent or exc
            else:
                if found:
                    found(running)
                return
        raise _no_log(job_id, absent) from absent

    def _urls(self, job_id: int | str, repo: str) -> tuple[tuple[str, bool], ...]:
        """Where it may be, and whether the job still runs then."""
        return (
            (self._places.log(job_id, repo=repo), False),
            (self._places.temp_log(job_id), True),
        )

    async def _resumed(self, url: str) -> AsyncGenerator[bytes]:
        """The bytes behind a URL, whatever breaks on the way."""
        given, left = 0, RESUMED
        while True:
            behind = given
            most = self._max_log_bytes
            body = self._http.stream(url, headers=_ASK, max_bytes=most, packed=True)
            try:
                async with aclosing(body), aclosing(unpacked(body, most)) as parts:
                    async for part in parts:
                        fresh = part[behind:]
                        behind -= len(part) - len(fresh)
                        given += len(fresh)
                        if fresh:
                            yield fresh
            except (BrokenOffError, CutError):
                left -= 1
                if left < 0:
                    raise
            else:
                return


async def unpacked(body: AsyncIterator[bytes], max_bytes: int) -> AsyncGenerator[bytes]:
    """What a store sends packed without saying so, unpacked.

    Raises:
        Malformed: It is damaged.
        TooLarge: It is larger than allowed.
    """
    head, size = b"", 0
    unpack: _Unpack | None = None
    async for part in body:
        if unpack is None:
            head += part
            if len(head) < len(GZIP):
                continue
            unpack = _Unpack(packed=head.startswith(GZIP))
            part = head  # noqa: PLW2901 - the first bytes came apart
        text = unpack(part)
        size += len(text)
        if size > max_bytes:
            raise TooLarge(f"the log is larger than {max_bytes:,} bytes, unpacked")
        yield text
    if unpack is None:
        yield head
    elif not unpack.over:
        raise CutError("the log is damaged: its packed data ends early")


class _Unpack:
    """Unpacks gzip, which may have several members, or passes text on."""

    def __init__(self, *, packed: bool) -> None:
        self._member = isal_zlib.decompressobj(31) if packed else None

    def __call__(self, part: bytes) -> bytes:
        if self._member is None:
            return part
        texts = []
        try:
            while part:
                if self._member.eof:
                    self._member = isal_zlib.decompressobj(31)
                texts.append(self._member.decompress(part))
                part = self._member.unused_data
        except _DAMAGED as exc:
            raise Malformed(f"the log is damaged: {exc}") from exc
        return b"".join(texts)

    @property
    def over(self) -> bool:
        """Whether nothing is missing."""
        return self._member is None or self._member.eof


async def _size(reply: Reply) -> int | None:
    if reply.success:
        size = reply.headers.get("content-length", "")
        return int(size) if size.isdecimal() else None
    error = refusal(reply, credential=False)
    raise AgainError(error, retry_after_s(reply)) if reply.status in BUSY else error


def _no_log(job_id: int | str, absent: NotFound | Denied | None) -> NotFound | Denied:
    if isinstance(absent, Denied):
        return absent
    return NotFound(f"there is no log of job {job_id}", hint=HINT)
