"""The grid in HUD's JSON, each commit's part of it made once."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from sickbay.simulators.hud import wire
from sickbay.simulators.hud.fleet import fleet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.simulators.hud.runs import Run
    from sickbay.simulators.hud.world import World

ENCODER = msgspec.json.Encoder()
MOST = 100
SHORTEST_SHA = 7
STRICT_LAG = 9  # commits that viable/strict is behind


class Pages:
    """Answers for the grid and for single commits."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._cells = lru_cache(maxsize=None)(self._encoded)

    def order(self, ref: str) -> int | None:
        """The newest commit of a branch, or the commit with that name."""
        branches = {"main": 1, "viable/strict": 1 + STRICT_LAG}
        if ref in branches:
            return self.world.count - branches[ref]
        if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_SHA},40}}", ref):
            return None
        found = [at for sha, at in self.world.orders.items() if sha.startswith(ref)]
        return found[0] if len(found) == 1 else None

    def page(
        self,
        newest: int,
        *,
        page: int,
        per_page: int,
        hidden: Sequence[str] = (),
        one_fleet: bool = False,
    ) -> bytes:
        """One page of the grid: commits from the newest on.

        Args:
            newest: Place of the commit that the first page begins with.
            page: From 1.
            per_page: How many commits.
            hidden: Flavours of jobs that are left out.
            one_fleet: Jobs are called the same whoever's machines they run on.
        """
        size = min(max(per_page, 1), MOST)
        first = newest - (max(page, 1) - 1) * size
        orders = range(first, max(first - size, -1), -1)
        rows = {order: self._cells(order, one_fleet) for order in orders}
        names = sorted(
            name
            for name in set().union(*rows.values())
            if not any(word in name for word in hidden)
        )
        grid = b",".join(self._row(order, rows[order], names) for order in rows)
        written = ENCODER.encode(names)
        return b'{"shaGrid":[' + grid + b'],"jobNames":' + written + b"}"

    def _row(self, order: int, cells: dict[str, bytes], names: list[str]) -> bytes:
        head = ENCODER.encode(self._head(order))
        jobs = b",".join(cells.get(name, b"{}") for name in names)
        return head[:-1] + b',"jobs":[' + jobs + b"]}"

    def _head(self, order: int) -> dict[str, object]:
        landed = self.world.landed[order]
        culprits = [plot for plot in self.world.plots if plot.kind == "autoreverted"]
        head = wire.commit(landed) | {
            "isForcedMerge": landed.forced,
            "isForcedMergeWithFailures": landed.forced_with_failures,
            "isAutoreverted": False,
        }
        for plot in culprits:
            if plot.culprit == order:
                hit = [fleet()[slot] for slot in sorted(plot.slots(order))]
                head |= {
                    "isAutoreverted": True,
                    "autorevertWorkflows": sorted({kind.workflow for kind in hit}),
                    "autorevertSignals": [kind.full_name for kind in hit],
                }
        return head

    def _encoded(self, order: int, one_fleet: bool) -> dict[str, bytes]:  # noqa: FBT001 - cached by position
        world, sha = self.world, self.world.landed[order].sha
        return {
            _name(runs[0], one_fleet=one_fleet): ENCODER.encode(
                wire.cell(runs, sha, world.log_bytes)
            )
            for runs in world.cells(order).values()
        }


def _name(run: Run, *, one_fleet: bool) -> str:
    name = run.kind.full_name
    return name.replace(", lf.", ", ") if one_fleet else name
