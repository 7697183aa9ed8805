"""PyTorch HUD's double for tests, over real HTTP.

    with hud_at(commits=60, latency_s=0.01) as hud:
        build_server(hud.settings())          # or AsyncHudClient(hud.url + "/api", ...)
        hud.world.story("ongoing").culprit    # the truth
        hud.faults.share = 0.3                # changeable while it runs
        hud.faults.planned["/api/hud/pytorch/pytorch/main/1"] = ["429", None]
        [asked.path for asked in hud.asked]   # what came in, and ``.fault``
    hud.get("/api/issue/skipped").json()  # to look at it oneself

Options of ``World``: ``seed``, ``commits`` (60 by default here), ``log_bytes``,
``lf_share``, ``now`` (by default the minute in which the process began, so that ``7d``
holds all of it).
All others are fields of ``HudFaults``. Worlds are made once a process and shared.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx2

from sickbay.simulators.hud.app import app
from sickbay.simulators.hud.gate import HudFaults
from sickbay.simulators.hud.world import World
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.simulators.faults import Asked

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
SMALL = 60


@dataclass
class Hud:
    """A simulated HUD that runs."""

    url: str
    world: World
    faults: HudFaults
    asked: list[Asked]
    client: httpx2.Client

    def get(self, path: str, **query: object) -> httpx2.Response:
        """What is at a path, already encoded; the query is not."""
        fields = {name: str(value) for name, value in query.items()}
        return self.client.get(path, params=fields or None)

    def settings(self, **more: object) -> dict[str, Any]:
        """What a server needs to ask it."""
        return {
            "hud": {
                "url": self.url,
                "log_url": self.url,
                "temp_log_url": self.url,
                "stats_url": self.url,
                **more,
            }
        }

    def paths(self) -> list[str]:
        """The paths that were asked for, one after the other."""
        return [asked.path for asked in self.asked]


@cache
def world(
    *,
    seed: int = 0,
    commits: int = SMALL,
    now: datetime = NOW,
    log_bytes: int = 0,
    lf_share: float = 0.0,
) -> World:
    """A world that all tests of the process share."""
    return World(seed, commits=commits, now=now, log_bytes=log_bytes, lf_share=lf_share)


@contextmanager
def hud_at(**options: Any) -> Iterator[Hud]:  # noqa: ANN401 - of World and HudFaults
    """A simulated HUD that answers until the end of the block."""
    own = {field.name for field in fields(HudFaults)} & options.keys()
    faults = HudFaults(**{name: options.pop(name) for name in own})
    made = world(**options)
    inner = app(made, faults)
    with served(inner) as url, httpx2.Client(base_url=url, timeout=10) as client:
        yield Hud(url, made, faults, inner.asked, client)
