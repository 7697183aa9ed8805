"""Tool calls a second over HTTP, beside FastMCP alone with the same tools and result.

FastMCP is measured as it is and with the look-up of schemas by name that the 2026-07-28
transport wants (without, it lists all tools before each call). Every server runs in a
process of its own; short runs are taken in turns, and medians are compared.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from parts.rivals import ARGUMENTS, BARE, MENDED, OURS, names
from parts.wire import HANDSHAKE, MODERN, PLAIN, Wire, result

SERVERS = Path(__file__).parent / "parts" / "rivals.py"
TOOLS = (3, 50, 150)
ORDER = (
    *((MENDED, 3), (OURS, 3), (OURS, 150), (MENDED, 150), (MENDED, 50), (OURS, 50)),
    *((BARE, 3), (BARE, 50), (BARE, 150)),
)
"""What is compared runs one right after the other."""

CLIENTS = (1, 16)
ERAS = (HANDSHAKE, MODERN, PLAIN)
CALLED = 10
"""Tools that are called in turns, of all there are."""

BARE_ROUNDS = (1,)
LOSS_MOST = 0.15
RATIO_LEAST = 0.75


@dataclass
class Rival:
    """A server in a process of its own."""

    kind: str
    tools: int
    process: subprocess.Popen[str]
    port: int

    @classmethod
    def start(cls, kind: str, tools: int) -> Rival:
        """Start one and wait for its port."""
        command = [sys.executable, str(SERVERS), kind, str(tools)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        stdout = cast("IO[str]", process.stdout)
        return cls(kind, tools, process, int(stdout.readline()))

    def cpu_s(self) -> float:
        """Processor seconds that it has used."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


@dataclass
class Cell:
    """What was measured of one server, era and number of clients."""

    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Median calls a second."""
        return statistics.median(self.rates)

    @property
    def cost_ms(self) -> float:
        """Median processor milliseconds of the server for one call."""
        return statistics.median(self.cpu_ms)


Key = tuple[str, int, str, int]


def main() -> int:
    """Print the table; the status says whether the ratios are as they must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--seconds", type=float, default=0.12, help="of each run")
    given = parser.parse_args()
    with ExitStack() as stack:
        rivals = []
        for kind, count in ORDER:
            rivals.append(Rival.start(kind, count))
            stack.callback(rivals[-1].process.wait)
            stack.callback(rivals[-1].process.terminate)
        asyncio.run(_same_answers(rivals))
        table = asyncio.run(_measured(rivals, given.rounds, given.seconds))
    _print(table)
    return int(not _as_it_must(table))


async def _same_answers(rivals: list[Rival]) -> None:
    """All servers have to answer the same before their speed means anything."""
    answers = []
    for rival in rivals:
        wire = await Wire.open(rival.port, HANDSHAKE)
        request = wire.call(names(rival.tools)[-1], ARGUMENTS)
        _, body = await wire.asked(request)
        answers.append(result(body)["structuredContent"])
        wire.close()
    if any(answer != answers[0] for answer in answers):
        raise SystemExit(f"the servers do not answer the same: {answers}")


async def _measured(
    rivals: list[Rival], rounds: int, seconds: float
) -> dict[Key, Cell]:
    table: dict[Key, Cell] = {}
    for number in range(rounds + 1):
        for era, clients in itertools.product(ERAS, CLIENTS):
            for rival in rivals[:: 1 if number % 2 else -1]:
                if not _takes_part(rival, era, number):
                    continue
                rate, cost = await _run(rival, era, clients, seconds)
                if number:  # the first round warms up
                    key = (rival.kind, rival.tools, era, clients)
                    cell = table.setdefault(key, Cell())
                    cell.rates.append(rate)
                    cell.cpu_ms.append(cost)
    return table


def _takes_part(rival: Rival, era: str, number: int) -> bool:
    """FastMCP refuses plain clients; without the fix it is too slow to ask often."""
    if rival.kind == BARE and number not in BARE_ROUNDS:
        return False
    return rival.kind == OURS or era != PLAIN


async def _run(
    rival: Rival, era: str, clients: int, seconds: float
) -> tuple[float, float]:
    """Calls a second and processor milliseconds a call of one short run."""
    wires = [await Wire.open(rival.port, era) for _ in range(clients)]
    called = names(rival.tools)[:: max(1, rival.tools // CALLED)]
    requests = [[wire.call(name, ARGUMENTS) for name in called] for wire in wires]
    before, start = rival.cpu_s(), time.perf_counter()
    end = start + seconds
    calling = (_calling(*pair, end) for pair in zip(wires, requests, strict=True))
    counts = await asyncio.gather(*calling)
    took, used = time.perf_counter() - start, rival.cpu_s() - before
    for wire in wires:
        if wire.session:
            await wire.asked(wire.leave())
        wire.close()
    return sum(counts) / took, 1000 * used / sum(counts)


async def _calling(wire: Wire, requests: list[bytes], end: float) -> int:
    for count, request in enumerate(itertools.cycle(requests)):
        if time.perf_counter() >= end:
            return count
        await wire.asked(request)
    raise AssertionError  # a cycle has no end


def _print(table: dict[Key, Cell]) -> None:
    print(f"{'calls a second (cpu ms a call)':<38}", end="")
    print("".join(f"{f'{count} tools':>16}" for count in TOOLS) + f"{'loss':>8}")
    kinds = (OURS, MENDED, BARE)
    rows = itertools.product(ERAS, CLIENTS, kinds)
    for era, clients, kind in rows:
        if (kind, TOOLS[0], era, clients) not in table:
            continue
        who = f"{'1 client' if clients == 1 else f'{clients} clients'}"
        print(f"{era:<12}{who:<12}{kind:<14}", end="")
        for count in TOOLS:
            cell = table[kind, count, era, clients]
            print(f"{f'{cell.rate:,.0f} ({cell.cost_ms:.2f})':>16}", end="")
        print(f"{_loss(table, kind, era, clients):>8.0%}")


def _loss(table: dict[Key, Cell], kind: str, era: str, clients: int) -> float:
    """How much of the rate goes from the fewest tools to the most."""
    few, many = (table[kind, count, era, clients] for count in (TOOLS[0], TOOLS[-1]))
    return 1 - statistics.median(
        b / a for a, b in zip(few.rates, many.rates, strict=True)
    )


def _ratio(table: dict[Key, Cell], era: str, clients: int) -> float:
    """Our rate beside that of FastMCP with the fix, run by run."""
    return statistics.median(
        ours / theirs
        for count in TOOLS
        for ours, theirs in zip(
            table[OURS, count, era, clients].rates,
            table[MENDED, count, era, clients].rates,
            strict=True,
        )
    )


def _as_it_must(table: dict[Key, Cell]) -> bool:
    good = True
    for era, clients in itertools.product((HANDSHAKE, MODERN), CLIENTS):
        ratio = _ratio(table, era, clients)
        fine = ratio >= RATIO_LEAST
        print(
            f"{era}, {clients} clients: {ratio:.2f} x {MENDED}, must be at least"
            f" {RATIO_LEAST}: {'yes' if fine else 'NO'}"
        )
        good &= fine
    for era, clients in itertools.product(ERAS, CLIENTS):
        loss = _loss(table, OURS, era, clients)
        fine = loss <= LOSS_MOST
        print(
            f"{era}, {clients} clients: {loss:.0%} lost from {TOOLS[0]} to {TOOLS[-1]}"
            f" tools, must be at most {LOSS_MOST:.0%}: {'yes' if fine else 'NO'}"
        )
        good &= fine
    return good


if __name__ == "__main__":
    sys.exit(main())
