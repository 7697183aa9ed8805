"""The asynchronous client of Buildkite."""

from __future__ import annotations

from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from sickbay.ci.references import BuildRef, JobRef
from sickbay.clients.buildkite import convert, wire
from sickbay.clients.buildkite.belongings import Belongings
from sickbay.clients.buildkite.limits import JITTER_S
from sickbay.clients.buildkite.models import Builds
from sickbay.clients.buildkite.opening import STORES, Addresses, Door
from sickbay.clients.buildkite.places import API, WEB
from sickbay.clients.buildkite.way import Wish
from sickbay.clients.cache import Kept, Memory
from sickbay.clients.once import Once
from sickbay.clients.patience import Patience
from sickbay.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sickbay.ci.builds import Attempt, Build
    from sickbay.ci.references import StepRef
    from sickbay.clients.buildkite.limits import Limit

PATIENCE = Patience(retry_after_s=75, per_host=16)
"""A window of Buildkite's limits is a minute long."""

MAX_LOG_BYTES = 256 << 20

SOON_S = 60.0
"""How long a finished build holds; a retry may change it any time."""

MEMORY_BYTES = 64 << 20
ATTEMPT_BYTES = 2000
"""What an attempt takes in memory, about."""

MOST = 100
"""Builds of a page, and of one with their jobs."""

MOST_WITH_JOBS = 30


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class AsyncBuildkiteClient(Belongings):
    """Reads builds, jobs and logs: by the API, the public pages, or from a folder.

    A token goes to the host of the API and to no other. A finished build is kept for
    a minute; who asks for it meanwhile gets the same.

    Args:
        url: Of the API.
        token: Of the API; without one only public pipelines can be read.
        web_url: Of the pages for everybody.
        folder: Of saved builds and logs, read instead of both.
        organization: Meant where none is named, as ``pipeline``.
        log_in: Whether the token of a login with ``bk`` may be used.
        now: The time, with its zone.
        max_log_bytes: Of a log.
        writes: Whether changes may be asked for.
        patience: How long it waits.
        jitter_s: Least and most that is waited on top where a limit is used up.
        stores: Hosts that artifacts and logs may be sent from.

    Raises:
        BadRequest: One of the addresses is none.
        Denied: The token would go over the internet unencrypted.
    """

    def __init__(  # noqa: PLR0913 - all have a default
        self,
        url: str = API,
        *,
        token: str | None = None,
        web_url: str = WEB,
        folder: Path | None = None,
        organization: str = "vllm",
        pipeline: str = "ci",
        log_in: bool = True,
        now: Callable[[], datetime] = utc_now,
        max_log_bytes: int = MAX_LOG_BYTES,
        writes: bool = False,
        patience: Patience = PATIENCE,
        jitter_s: tuple[float, float] = JITTER_S,
        stores: Iterable[str] = STORES,
    ) -> None:
        self._usual = BuildRef(organization, pipeline, 0)
        self._web_url = web_url.rstrip("/")
        self._now = now
        self._memory = Memory(MEMORY_BYTES, now)
        self._once = Once()
        addresses = Addresses(
            api=url.rstrip("/"),
            web=self._web_url,
            token=token,
            folder=folder,
            stores=tuple(stores),
            log_in=log_in,
            organization=organization,
        )
        self._door = Door(
            addresses,
            patience,
            jitter_s=jitter_s,
            max_log_bytes=max_log_bytes,
            writes=writes,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._door.aclose()

    @property
    def limits(self) -> Mapping[str, Limit]:
        """What the API allows now, by scope, as far as its answers said."""
        return self._door.limits.limits

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._door.limits.requests

    async def build(self, ref: BuildRef, *, refresh: bool = False) -> Build:
        """A build with every attempt of its jobs; ``why`` says what is missing.

        Raises:
            SickbayError: It is not to be had.
        """
        kept = None if refresh else self._memory.get(ref)
        if kept is not None and kept.value.finished:
            build: Build = kept.value
            return build
        return await self._once(ref, lambda: self._fetched(ref))

    async def _fetched(self, ref: BuildRef) -> Build:
        found = await (await self._door.way()).build(ref)
        build = convert.build(found.build, ref, web_url=self._web_url, why=found.why)
        size = ATTEMPT_BYTES * (1 + len(build.attempts))
        until = self._now().timestamp() + SOON_S
        self._memory.put(ref, Kept(build, size, until))
        return build

    async def builds(  # noqa: PLR0913 - all have a default
        self,
        *,
        organization: str | None = None,
        pipeline: str | None = None,
        branch: str | None = None,
        states: Sequence[str] = (),
        commit: str | None = None,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        limit: int = 30,
        jobs: bool = False,
        match: Callable[[Build], bool] | None = None,
        pages: int = 5,
    ) -> Builds:
        """Builds of a pipeline, the newest first.

        Args:
            organization: The usual one where none is named, as ``pipeline``.
            pipeline: Its short name.
            branch: Only of that; ``*`` stands for anything.
            states: Only in one of these.
            commit: Only of that one, its full SHA.
            created_from: Only those since.
            created_to: Only those before.
            limit: How many at most.
            jobs: With all attempts of their jobs, in the same request.
            match: Only those; Buildkite itself searches no titles.
            pages: How many pages of builds are looked at.

        Raises:
            SickbayError: They are not to be had.
        """
        usual = self._usual
        most = MOST_WITH_JOBS if jobs else MOST
        wish = Wish(
            organization=organization or usual.organization,
            pipeline=pipeline or usual.pipeline,
            branch=branch,
            states=states,
            commit=commit,
            created_from=created_from,
            created_to=created_to,
            per_page=most if match else min(limit, most),
            jobs=jobs,
        )
        return await self._listed(wish, limit, match, pages)

    async def _listed(
        self,
        wish: Wish,
        limit: int,
        match: Callable[[Build], bool] | None,
        pages: int,
    ) -> Builds:
        found: list[Build] = []
        examined = 0
        usual = BuildRef(wish.organization, wish.pipeline, 0)
        way = await self._door.way()
        async with aclosing(way.pages(wish)) as coming:
            async for page in coming:
                pages -= 1
                for item in page.items:
                    if len(found) == limit:
                        return _some(found, examined)
                    ref = convert.place(item, usual)
                    build = convert.build(item, ref, web_url=self._web_url)
                    examined += 1
                    if match is None or match(build):
                        found.append(build)
                if page.more and (pages <= 0 or len(found) == limit):
                    return _some(found, examined)
        return Builds(builds=tuple(found), examined=examined)

    async def job_of(self, found: JobRef | StepRef) -> JobRef:
        """The job that a reference means: of a step, the attempt that counts.

        Raises:
            NotFound: The build has no such step, or that has several jobs.
            SickbayError: The build is not to be had.
        """
        if isinstance(found, JobRef):
            return found
        way = await self._door.way()
        jobs = (await way.build(found.build)).build.jobs or []
        ids = {job.id for job in jobs if job.step and job.step.id == found.step_id}
        build = convert.build(wire.Build(jobs=jobs), found.build, web_url="")
        named = [job.last for job in build.jobs if job.last.job_id in ids]
        if len(named) == 1:
            return JobRef(found.build, str(named[0].job_id))
        several = f"has {len(named)} jobs in" if named else "is not one of"
        raise NotFound(
            f"the step {found.step_id} {several} build {found.build}",
            hint="open the job itself and copy its URL",
        )

    async def retry(self, ref: JobRef) -> Attempt:
        """Run a failed job once more.

        Returns:
            The new attempt.

        Raises:
            SickbayError: It was refused, or nobody knows.
        """
        return await self._changed(ref, "retry", {})

    async def unblock(self, ref: JobRef, fields: Mapping[str, str]) -> Attempt:
        """Let a build go on that waits for a person.

        Args:
            ref: Of the step that blocks.
            fields: What the step asks for.

        Raises:
            SickbayError: It was refused, or nobody knows.
        """
        return await self._changed(ref, "unblock", {"fields": dict(fields)})

    async def _changed(
        self, ref: JobRef, verb: str, body: Mapping[str, object]
    ) -> Attempt:
        rest = await self._door.rest()
        try:
            return self._attempt(ref, await rest.change(ref, verb, body))
        finally:
            self._memory.drop(ref.build)


def _some(found: list[Build], examined: int) -> Builds:
    return Builds(builds=tuple(found), complete=False, examined=examined)
