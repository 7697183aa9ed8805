"""Which builds there are, and when: made at once, since a row of it costs little."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from sickbay.simulators.chance import chance

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["nightly", "torch", "daily", "pull", "amd", "release"]

DAY_S = 86_400
COMMIT_S = 7_200  # from one commit to the next
TITLES = {
    "nightly": "Full CI run - nightly",
    "torch": "Full CI run torch nightly",
    "daily": "Full CI run - daily",
    "amd": "AMD Full CI Run - nightly",
    "release": "Release build",
}
PIPELINES = {"amd": "amd-ci", "release": "release"}
FIRST = {"ci": 61_000, "amd-ci": 4_000, "release": 900}
TORCH_DAYS = frozenset({0, 1, 3})  # Monday, Tuesday, Thursday
FINISHED_H, RUNNING_H = 9.0, 1.0  # how long ago the newest nightly began


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A build, before anything is known of its jobs.

    Attributes:
        created: Seconds since the epoch.
        order: Of the commit on the trunk that it is of, or that its branch is based on.
        pull: The pull request that it is of.
        canceled: Somebody canceled it.
    """

    pipeline: str
    number: int
    kind: Kind
    created: float
    order: int
    pull: int | None = None
    canceled: bool = False

    @property
    def trunk(self) -> bool:
        """Whether it is of the trunk."""
        return self.pull is None


@dataclass(frozen=True, slots=True)
class _Due:
    created: float
    kind: Kind


def calendar(seed: int, days: int, now: datetime, *, running: bool) -> tuple[Slot, ...]:
    """All builds, the oldest first.

    Args:
        seed: Of the world.
        days: How many nightlies there are.
        now: When all of it is looked at; nothing begins later.
        running: Whether the newest nightly still runs.
    """
    newest = now.timestamp() - 3600 * (RUNNING_H if running else FINISHED_H)
    start = newest - (days - 1) * DAY_S
    due = [
        item
        for day in range(days)
        for item in _day(seed, day, start + day * DAY_S)
        if item.created < now.timestamp()
    ]
    numbers = dict(FIRST)
    slots = []
    for item in sorted(due, key=attrgetter("created")):
        pipeline = PIPELINES.get(item.kind, "ci")
        draw = chance("slot", seed, item.kind, round((item.created - start) / 60))
        numbers[pipeline] += draw.randint(1, 40) if pipeline == "ci" else 1
        slots.append(_slot(item, pipeline, numbers[pipeline], start, draw.random()))
    return tuple(slots)


def _slot(due: _Due, pipeline: str, number: int, start: float, luck: float) -> Slot:
    pull = due.kind == "pull"
    behind = int(luck * 6) if pull else 0  # a branch begins at an older commit
    return Slot(
        pipeline=pipeline,
        number=number,
        kind=due.kind,
        created=due.created,
        order=max(0, order_at(due.created, start) - behind),
        pull=30_000 + number % 9_000 if pull else None,
        canceled=pull and luck < CANCELED_SHARE,
    )


CANCELED_SHARE = 0.15


def order_at(time: float, start: float) -> int:
    """The newest commit of the trunk at a time, where ``start`` is the first nightly.

    There is a day of commits before the first nightly.
    """
    return int((time - start + DAY_S) // COMMIT_S)


def commit_time(order: int, start: float, luck: float) -> float:
    """When a commit came."""
    return start - DAY_S + (order + luck * 0.9) * COMMIT_S - COMMIT_S


def _day(seed: int, day: int, nightly: float) -> Iterator[_Due]:
    draw = chance("day", seed, day)
    yield _Due(nightly, "nightly")
    if datetime.fromtimestamp(nightly, UTC).weekday() in TORCH_DAYS:
        yield _Due(nightly + 0.4, "torch")
    yield _Due(nightly + 15 * 3600, "daily")
    yield _Due(nightly + 1800, "amd")
    if day % 7 == 0:
        yield _Due(nightly + 10 * 3600, "release")
    for _ in range(draw.randint(1, 2)):
        yield _Due(nightly + draw.uniform(0, 23) * 3600, "pull")
