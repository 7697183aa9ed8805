"""A report on 300 commits of the trunk, beside a plain client that reads page by page.

The simulated HUD takes 200 ms for every answer. The plain client reads pages of 10, as
the predecessor's tool did, or of 20, as its client did. Both have to find the same
failures; ours says besides what causes them and since when.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from datetime import UTC, datetime

from parts.hud import failing, page
from parts.simulated import simulated
from sickbay import AsyncHudClient
from sickbay.ci.trunk import trunk

COMMITS = 300
PAGES = (10, 20)
RATIO_LEAST = 8.0


async def ours(url: str) -> tuple[float, float, set[tuple[str, str]]]:
    """Seconds until the grid is there and until the report is, and the failures."""
    start = time.perf_counter()
    async with AsyncHudClient(url) as client:
        grid, coverage = await client.trunk("main", commits=COMMITS)
    read = time.perf_counter()
    trunk(grid, datetime.now(UTC))
    done = time.perf_counter()
    if coverage.skipped or len(grid.rows) != COMMITS:
        raise SystemExit(f"not all commits came: {coverage}")
    found = {
        (row.commit.sha, name)
        for row in grid.rows
        for name, job in row.jobs.items()
        if job.failed
    }
    return read - start, done - start, found


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    plain: dict[int, list[float]] = {per_page: [] for per_page in PAGES}
    reads, reports = [], []
    with simulated("hud", "--latency", "0.2", "--commits", str(COMMITS + 20)) as url:
        for number in range(1, COMMITS // 50 + 1):  # each commit's answer is made once
            page(url, number, 50)
        for _ in range(rounds):
            read, report, found = asyncio.run(ours(url))
            reads.append(read)
            reports.append(report)
            for per_page in PAGES:
                start = time.perf_counter()
                same = failing(url, COMMITS, per_page) == found
                plain[per_page].append(time.perf_counter() - start)
                if not same:
                    raise SystemExit("the two sides do not find the same failures")
    return show(plain, reads, reports, len(found))


def show(
    plain: dict[int, list[float]], reads: list[float], reports: list[float], count: int
) -> int:
    """Print what was measured; 1 if it is too slow."""
    own = statistics.median(reports)
    print(f"{COMMITS} commits, {count} failures found by both, 200 ms for every answer")
    print(f"{'':34}{'seconds':>9}{'ratio':>8}")
    for per_page, taken in plain.items():
        slow = statistics.median(taken)
        name = f"requests, pages of {per_page} in turn"
        print(f"{name:34}{slow:9.2f}{slow / own:8.1f}")
    print(f"{'sickbay, the grid alone':34}{statistics.median(reads):9.2f}")
    print(f"{'sickbay, with causes and verdicts':34}{own:9.2f}{1:8.1f}")
    worst = statistics.median(plain[PAGES[0]]) / own
    print(f"needed: {RATIO_LEAST:g} times as fast as the predecessor's tool")
    return int(worst < RATIO_LEAST)


if __name__ == "__main__":
    sys.exit(main())
