"""The API, and the public pages of organizations that the token is a stranger to."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from sickbay.core.errors import Denied, NotFound, SickbayError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from sickbay.ci.references import BuildRef, JobRef
    from sickbay.clients.buildkite import wire
    from sickbay.clients.buildkite.models import Artifact, LogTail
    from sickbay.clients.buildkite.public import Public
    from sickbay.clients.buildkite.rest import Rest
    from sickbay.clients.buildkite.way import Found, Listed, Way, Wish

T = TypeVar("T")

_STRANGER = re.compile(r"no organization found|forbidden", re.IGNORECASE)
"""What the API says to those who are not in the organization."""


class Either:
    """Asks the API; where that knows nobody, the pages that everybody may see.

    Args:
        rest: The API.
        public: The pages.
    """

    def __init__(self, rest: Rest, public: Public) -> None:
        self._rest = rest
        self._public = public
        self._strange: set[str] = set()

    async def build(self, ref: BuildRef) -> Found:
        """A build."""
        return await self._asked(ref, lambda way: way.build(ref))

    def pages(self, wish: Wish) -> AsyncGenerator[Listed]:
        """Builds, by the API alone."""
        return self._rest.pages(wish)

    async def job(self, ref: JobRef) -> wire.Job:
        """One job."""
        return await self._asked(ref.build, lambda way: way.job(ref))

    async def log(self, ref: JobRef) -> AsyncGenerator[bytes]:
        """The log of a job."""
        if ref.build.organization not in self._strange:
            try:
                async for part in self._rest.log(ref):
                    yield part
            except (Denied, NotFound):
                if not await self._is_strange(ref):
                    raise
            else:
                return
        async for part in self._public.log(ref):
            yield part

    async def log_size(self, ref: JobRef) -> int | None:
        """Bytes of a log."""
        return await self._of_log(ref, lambda way: way.log_size(ref))

    async def log_tail(self, ref: JobRef, max_bytes: int) -> LogTail:
        """The end of a log."""
        return await self._of_log(ref, lambda way: way.log_tail(ref, max_bytes))

    async def annotations(self, ref: BuildRef, scope: str) -> Sequence[wire.Annotation]:
        """What was said about a build, by the API alone."""
        return await self._rest.annotations(ref, scope)

    async def artifacts(
        self, ref: BuildRef, job_id: str | None, path: str | None
    ) -> tuple[Sequence[wire.Artifact], bool]:
        """Files of a build or a job, by the API alone."""
        return await self._rest.artifacts(ref, job_id, path)

    async def artifact(self, found: Artifact, max_bytes: int) -> bytes:
        """The content of a file, by the API alone."""
        return await self._rest.artifact(found, max_bytes)

    async def _asked(self, ref: BuildRef, ask: Callable[[Way], Awaitable[T]]) -> T:
        """What one of the two gives; what the API says holds where neither does."""
        if ref.organization in self._strange:
            return await ask(self._public)
        try:
            return await ask(self._rest)
        except (Denied, NotFound) as exc:
            if not _is_stranger(exc):
                raise
            try:
                found = await ask(self._public)
            except SickbayError:
                raise exc from None
            self._strange.add(ref.organization)
            return found

    async def _of_log(self, ref: JobRef, ask: Callable[[Way], Awaitable[T]]) -> T:
        if ref.build.organization in self._strange:
            return await ask(self._public)
        try:
            return await ask(self._rest)
        except (Denied, NotFound):
            if not await self._is_strange(ref):
                raise
            return await ask(self._public)

    async def _is_strange(self, ref: JobRef) -> bool:
        """Ask for the job: the refusal of a log says not why it was refused."""
        with suppress(SickbayError):
            await self.job(ref)
        return ref.build.organization in self._strange


def _is_stranger(exc: SickbayError) -> bool:
    return _STRANGER.search(exc.message) is not None and "scope" not in exc.message
