"""``make soak``, second half: many processes write, read and tidy one history.

Writers and whoever tidies are killed with -9 at any moment, and replaced. No build
whose writer was told that it is kept may be lost, none may ever be read in part, and
readers must not notice anything.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from sickbay.history.face import Keep
from sickbay.history.opening import opened_history
from tests.soak.historian import builds

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from sickbay.history.face import History

ROOT = Path(__file__).resolve().parents[2]
KILL_S = 1.5
"""Between two kills, on average: about as long as one takes to begin."""

LATER = timedelta(hours=25)
"""By then all that was left behind by those killed goes."""


@dataclass
class Soak:
    """One run, and what was seen of it.

    Attributes:
        kept: The newest acknowledged ingestion of each build.
        done: How often what was done.
        mortals: Those who have begun and may be killed.
    """

    folder: Path
    chance: Random
    kept: dict[str, int] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    seeds: count[int] = field(default_factory=count)
    mortals: set[int] = field(default_factory=set)

    async def role(self, role: str, end: float, *, mortal: bool) -> None:
        """One that does something until the time is over, however often it dies."""
        while time.monotonic() < end:
            async with self._process(role) as process:
                hearing = asyncio.create_task(self._hear(process, mortal=mortal))
                await asyncio.wait({hearing}, timeout=max(0.0, end - time.monotonic()))
            await hearing

    async def kill(self, end: float) -> None:
        """Kill one after the other."""
        while time.monotonic() < end:
            await asyncio.sleep(self.chance.expovariate(1 / KILL_S))
            if self.mortals:
                pid = self.chance.choice(sorted(self.mortals))
                self.mortals.discard(pid)
                _kill(pid)
                self.done["killed"] += 1

    async def judge(self, history: History) -> int:
        """Compare what there is with what was acknowledged; gives how many builds."""
        found = await builds(history)
        for build, ingestion in self.kept.items():
            there, _ = found.get(build, (0, False))
            if there < ingestion:
                self.complaints[f"{build}: {ingestion} is lost, {there} is there"] += 1
        for build, (_, whole) in found.items():
            if not whole:
                self.complaints[f"{build} is not whole in the end"] += 1
        return len(found)

    @asynccontextmanager
    async def _process(self, role: str) -> AsyncIterator[Process]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.soak.historian"),
            *(role, str(self.folder), str(next(self.seeds))),
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": os.environ["PATH"]},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                _kill(process.pid)
            await process.wait()

    async def _hear(self, process: Process, *, mortal: bool) -> None:
        """Take down what one says, and whatever it dies of but being killed."""
        if process.stdout is None or process.stderr is None:
            raise RuntimeError
        errors = asyncio.create_task(process.stderr.read())
        async for line in process.stdout:
            word, _, rest = line.decode().strip().partition(" ")
            self.done[word] += 1
            if mortal:
                self.mortals.add(process.pid)
            if word == "put":
                build, ingestion = rest.rsplit(" ", 1)
                self.kept[build] = max(self.kept.get(build, 0), int(ingestion))
            elif word == "NO:":
                self.complaints[rest] += 1
        self.mortals.discard(process.pid)
        if said := (await errors).decode():
            self.complaints[said.strip().rpartition("\n")[2]] += 1


def main() -> int:
    """Soak, print the table; the status says whether all is as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--readers", type=int, default=8)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(Path(name) / "history", Random(0))  # noqa: S311 - no secret
        asyncio.run(_soaked(soak, given.seconds, given.writers, given.readers))
    for complaint, times in soak.complaints.most_common(20):
        _say(f"NO: {times} x {complaint}")
    return int(bool(soak.complaints))


async def _soaked(soak: Soak, seconds: float, writers: int, readers: int) -> None:
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for role, many in (("write", writers), ("optimise", 1), ("read", readers)):
            for _ in range(many):
                group.create_task(soak.role(role, end, mortal=role != "read"))
        group.create_task(soak.kill(end))
    async with opened_history(soak.folder) as history:
        await soak.judge(history)
        before = await history.status()
    later = datetime.now(UTC) + LATER
    async with opened_history(soak.folder, now=lambda: later) as history:
        await history.tidy(keep=Keep(), force=True)
        there = await soak.judge(history)
        after = await history.status()
    _say(
        f"history: {soak.done['put']:,} builds acknowledged, "
        f"{soak.done['read']:,} times all of it read, {soak.done['tidied']:,} times "
        f"tidied, {soak.done['killed']:,} killed in {seconds:g} s; {there:,} builds"
    )
    for name, table in before.tables.items():
        now = after.tables[name]
        _say(
            f"{name:8}{table.rows:>10,} rows in {table.files:>4} files; tidied:"
            f"{now.rows:>10,} in {now.files}"
        )
    if after.superseded or after.problems:
        soak.complaints[f"left: {after.superseded}, {after.problems}"] += 1


def _kill(pid: int) -> None:
    # ``Process.kill`` looks whether it still lives, and may take its status away from
    # those who wait for it.
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
