"""``make soak``: many clients for a long time, against the server over HTTP.

They work, fail, give up, come and go in both eras and plainly. What the server holds
(memory, tasks, threads, descriptors) must not grow, and when all have gone it must hold
what it held before they came; every call must have exactly one record in the audit log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from random import Random
from typing import IO, TYPE_CHECKING, cast

import httpx2

from tests.soak.caller import ERAS, visit
from tests.soak.doings import DOINGS, LOG, Doings, Sent
from tests.soak.gauge import NAMES, Held, held, middle
from tests.soak.server import IDLE_S, PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.soak.caller import Caller

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 16
VISIT = 20
"""Doings of one client before it leaves and comes back as another."""

LEAVES = 0.8
"""How many say goodbye to their session; the others are forgotten by the server."""

WARM = 0.25
"""Share of the time in which caches fill; it is not compared."""

GROWTH = 1.1
SAMPLE_S = 0.5
SETTLED_S = 4 * IDLE_S
_MARKER = re.compile(r"(?<![a-z0-9])m\d+x\b")


@dataclass
class Soak:
    """One run, and what was seen of it."""

    url: str
    pid: int
    folder: Path
    sent: Sent = field(default_factory=Sent)
    samples: list[Held] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    async def client(self, number: int, end: float) -> None:
        """Come, do something, go, and come back until the time is over."""
        chance = Random(number)  # noqa: S311 - no secret
        while time.monotonic() < end:
            era, leaves = chance.choice(ERAS), chance.random() < LEAVES
            async with visit(self.url, era, leaves=leaves) as caller:
                for _ in range(VISIT):
                    if time.monotonic() >= end:
                        break
                    await self._something(caller, chance)

    async def each_once(self) -> None:
        """Do each thing in each era, so that all is loaded that ever will be."""
        chance = Random(0)  # noqa: S311 - no secret
        for era in ERAS:
            async with visit(self.url, era) as caller:
                doings = Doings(caller, chance, self.sent)
                for doing, _ in DOINGS:
                    await doing(doings)

    async def watch(self, http: httpx2.AsyncClient) -> None:
        """Take samples until cancelled."""
        while True:
            self.samples.append(await held(self.pid, http))
            await asyncio.sleep(SAMPLE_S)

    async def settled(self, http: httpx2.AsyncClient, most: Held | None) -> Held:
        """What the server holds when everybody has gone.

        Args:
            http: To ask it.
            most: To wait for that; None to wait for as long as it may take.
        """
        end = time.monotonic() + SETTLED_S
        while True:
            await asyncio.sleep(SAMPLE_S)
            now = await held(self.pid, http)
            if time.monotonic() >= end or (most and not _more(now, most)):
                return now

    def recorded(self) -> Counter[str]:
        """How many records of the audit log each marker has."""
        found: Counter[str] = Counter()
        for path in sorted((self.folder / "state").glob("audit.*")):
            for line in path.read_text().splitlines():
                record = json.loads(line)
                said = json.dumps([record["tool"], record["arguments"]])
                found[_MARKER.findall(said)[0]] += 1
        return found

    async def _something(self, caller: Caller, chance: Random) -> None:
        try:
            await Doings(caller, chance, self.sent).something()
        except (OSError, httpx2.HTTPError, LookupError) as exc:
            self.failures[f"{caller.era}: {exc!r}"[:300]] += 1


def main() -> int:
    """Soak, print the table; the status says whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with _server(folder) as (url, pid):
            soak = Soak(url, pid, folder)
            before, after = asyncio.run(_soaked(soak, given.clients, given.seconds))
        complaints = _complaints(soak, before, after)
    for complaint in complaints:
        _say(f"NO: {complaint}")
    return int(bool(complaints))


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, int]]:
    """A server in a process of its own: where it serves, and its number."""
    shutil.copy(ROOT / "docs" / "examples" / LOG, folder)
    command = [sys.executable, "-c", "from tests.soak.server import main; main()"]
    with subprocess.Popen(
        [*command, folder],
        cwd=folder,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": "", "HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = cast("IO[str]", process.stdout).readline()
            yield re.findall(r"http://[\d.:]+", said)[0], process.pid
        finally:
            process.terminate()


async def _soaked(soak: Soak, clients: int, seconds: float) -> tuple[Held, Held]:
    """Run the clients; what the server held before them and after them."""
    async with httpx2.AsyncClient(base_url=soak.url) as http:
        await soak.each_once()
        before = await soak.settled(http, None)
        watcher = asyncio.create_task(soak.watch(http))
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number in range(clients):
                group.create_task(soak.client(number, end))
        watcher.cancel()
        await asyncio.sleep(PATIENCE_S)
        after = await soak.settled(http, before)
    _report(soak, seconds, before, after)
    return before, after


def _report(soak: Soak, seconds: float, before: Held, after: Held) -> None:
    calls = soak.sent.calls.total()
    _say(f"{calls:,} calls in {seconds:g} s, {calls / seconds:.0f} a second:")
    kinds = (f"{kind} {count:,}" for kind, count in soak.sent.kinds.items())
    _say("  " + ", ".join(kinds))
    _say(
        f"{'':14}{'idle before':>12}{'first third':>12}{'last third':>12}{'after':>12}"
    )
    columns = (before, *_thirds(soak.samples), after)
    for name, *values in zip(NAMES, *map(astuple, columns), strict=True):
        _say(f"{name:14}" + "".join(f"{value:>12,.1f}" for value in values))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _thirds(samples: list[Held]) -> tuple[Held, Held]:
    """The first and the last third of what was seen after warming up."""
    warm = samples[int(len(samples) * WARM) :]
    third = max(1, len(warm) // 3)
    return middle(warm[:third]), middle(warm[-third:])


def _complaints(soak: Soak, before: Held, after: Held) -> list[str]:
    found = [f"{count} x {what}" for what, count in soak.failures.items()]
    first, last = _thirds(soak.samples)
    if last.memory_mb > first.memory_mb * GROWTH:
        found.append(f"memory grew from {first.memory_mb:.0f} to {last.memory_mb:.0f}")
    if last.threads > first.threads * GROWTH + 1:
        found.append(f"threads grew from {first.threads:.0f} to {last.threads:.0f}")
    found += [f"when all had gone: {more}" for more in _more(after, before)]
    sent, recorded = soak.sent.calls, soak.recorded()
    lost, many = (sent - recorded).total(), (recorded - sent).total()
    _say(f"audit log: {recorded.total():,} records, {lost} lost, {many} too many")
    if lost or many:
        examples = [*(sent - recorded), *(recorded - sent)][:5]
        found.append(f"not one record for each call: {', '.join(examples)}")
    return found


def _more(now: Held, then: Held) -> list[str]:
    """Of which things more are held, that should all have been given back."""
    pairs = {
        "tasks": (now.tasks, then.tasks),
        "descriptors": (now.descriptors, then.descriptors),
    }
    return [f"{a:.0f} {name}, not {b:.0f}" for name, (a, b) in pairs.items() if a > b]


if __name__ == "__main__":
    sys.exit(main())
