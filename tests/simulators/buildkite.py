"""Buildkite's double for tests, over real HTTP; GitHub's is part of it.

    with buildkite_at(days=10, jobs=60, latency_s=0.01) as site:
        build_server(site.settings())         # or AsyncBuildkiteClient(site.url, ...)
        site.world.nightlies[-1]              # the number of the newest nightly
        site.world.truth(number)              # what was planted in a build
        site.faults.share = 0.3               # changeable while it runs
        site.faults.planned["/v2/..."] = ["429", None]
        [asked.path for asked in site.asked]  # what came in, and ``.fault``
        site.world.changes                    # what was changed
    site.get("/v2/organizations/vllm/pipelines/ci/builds").json()  # to look oneself

Options of ``World``: ``seed``, ``days`` (10 by default here), ``jobs`` (60),
``running``, ``failed``, ``log_bytes``, ``now`` (by default the minute in which the
process began).
All others are fields of ``BuildkiteFaults``. Worlds are made once a process and shared,
but for ``own=True``: ask for that where something is changed.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx2

from sickbay.simulators.buildkite.app import app
from sickbay.simulators.buildkite.gate import BuildkiteFaults
from sickbay.simulators.buildkite.world import World
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.faults import Asked

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
SMALL: dict[str, Any] = {"days": 10, "jobs": 60, "now": NOW}
READER, WRITER = "reader", "writer"
GITHUB_READER = "github-reader"


@dataclass
class Site:
    """A simulated Buildkite, and GitHub, that runs."""

    address: str
    world: World
    faults: BuildkiteFaults
    asked: list[Asked]
    client: httpx2.Client

    @property
    def url(self) -> str:
        """Where a client finds the API: it adds ``/v2`` by itself."""
        return self.address

    @property
    def web_url(self) -> str:
        """Where a client finds the public pages."""
        return f"{self.address}/web"

    @property
    def github_url(self) -> str:
        """Where a client finds GitHub's API."""
        return f"{self.address}/github"

    def get(self, path: str, *, token: str = READER, **headers: str) -> httpx2.Response:
        """What is at a path, for somebody with a token; redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        held = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.get(path, headers=held | named)

    def put(
        self, path: str, json: object = None, *, token: str = WRITER
    ) -> httpx2.Response:
        """What becomes of a change."""
        held = {"Authorization": f"Bearer {token}"}
        return self.client.put(path, headers=held, json=json)

    def builds(self, *path: object, pipeline: str = "ci") -> str:
        """The path of the builds, or of something below."""
        base = f"/v2/organizations/vllm/pipelines/{pipeline}/builds"
        return "/".join((base, *map(str, path)))

    def settings(self, **more: object) -> dict[str, Any]:
        """What a server needs to ask it."""
        return {
            "buildkite": {
                "url": self.url,
                "web_url": self.web_url,
                "github_url": self.github_url,
                "token": READER,
                "github_token": GITHUB_READER,
                "log_in": False,
                **more,
            }
        }

    def paths(self) -> list[str]:
        """The paths that were asked for, one after the other."""
        return [asked.path for asked in self.asked]


@cache
def _shared(**options: Any) -> World:  # noqa: ANN401 - of World
    return World(**options)


def world(*, own: bool = False, **options: Any) -> World:  # noqa: ANN401 - of World
    """A world that all tests of the process share, unless it is their own."""
    wanted = SMALL | options
    return World(**wanted) if own else _shared(**wanted)


@contextmanager
def buildkite_at(**options: Any) -> Iterator[Site]:  # noqa: ANN401 - see above
    """A simulated Buildkite that answers until the end of the block."""
    named = {field.name for field in fields(BuildkiteFaults)} & options.keys()
    named -= {"seed"}  # that of the world
    faults = BuildkiteFaults(**{name: options.pop(name) for name in named})
    made = world(**options)
    inner = app(made, faults)
    with served(inner) as url, httpx2.Client(base_url=url, timeout=10) as client:
        yield Site(url, made, faults, inner.asked, client)
