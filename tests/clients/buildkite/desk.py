"""A client of a simulated Buildkite, or of a site that says what a test wants."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sickbay.ci.references import BuildRef, JobRef
from sickbay.clients.buildkite import AsyncBuildkiteClient
from sickbay.clients.patience import Patience
from tests.clients.site import Site as Written
from tests.simulators.buildkite import READER

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sickbay.ci.builds import Attempt, Build
    from tests.simulators.buildkite import Site

T = TypeVar("T")

HASTE = Patience(
    connect_s=9, read_s=9, total_s=15, answer_s=9, pause_s=0.001, retry_after_s=75
)
BUILD = "/v2/organizations/vllm/pipelines/ci/builds"
REF = BuildRef("vllm", "ci", 5)
JOB = JobRef(REF, "j-1")


@dataclass
class Place:
    """Where a test's client asks."""

    url: str
    web_url: str

    @classmethod
    def of(cls, site: Written) -> Place:
        """A site of a test's own."""
        url = f"http://127.0.0.1:{site.port}"
        return cls(url, f"{url}/web")


def client(place: Place | Site, **more: Any) -> AsyncBuildkiteClient:  # noqa: ANN401 - as it takes them
    usual = {
        "token": READER,
        "web_url": place.web_url,
        "log_in": False,
        "patience": HASTE,
        "jitter_s": (0.0, 0.01),
    }
    return AsyncBuildkiteClient(place.url, **{**usual, **more})


def asked(
    place: Place | Site | Written,
    work: Callable[[AsyncBuildkiteClient], Awaitable[T]],
    **more: Any,  # noqa: ANN401 - as client takes them
) -> T:
    """What some work with a new client gives."""
    where = Place.of(place) if isinstance(place, Written) else place

    async def run() -> T:
        async with client(where, **more) as buildkite:
            return await work(buildkite)

    return asyncio.run(run())


async def joined(parts: AsyncIterator[bytes]) -> bytes:
    return b"".join([part async for part in parts])


def nightly(site: Site) -> BuildRef:
    """The newest nightly, which has failures of many kinds."""
    return BuildRef("vllm", "ci", site.world.nightlies[-1])


def failed(build: Build) -> Attempt:
    """One of its attempts that failed, and has a log."""
    return next(one for one in build.attempts if one.failed and one.log)


def job_of(build: Build, attempt: Attempt) -> JobRef:
    ref = BuildRef(build.organization, build.pipeline, build.number)
    return JobRef(ref, str(attempt.job_id))
