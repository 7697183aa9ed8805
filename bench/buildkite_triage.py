"""What each trouble of a simulated build is taken for, and how often rightly so.

Builds of many made-up projects, a seed for each, are scanned as an assistant would;
what was planted in them is the truth. A trouble is right if most of its failed jobs are
in causes of its category. Confidence is compared with how often causes of that
confidence were right.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastmcp import Client
from platformdirs import user_cache_path

from sickbay.ci.scan.models import CATEGORIES
from sickbay.clients.cache import Disk
from sickbay.clients.store import FileCache
from sickbay.logs.catalogue import catalogue
from sickbay.server.build import build_server
from sickbay.simulators.buildkite.app import app
from sickbay.simulators.buildkite.world import World
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.simulators.buildkite.truth import Planted

SEEDS = 200
DAYS = 14
RIGHT_LEAST = 0.95
LEVELS = ("high", "medium", "low")
MISSED = "missed"
NOTHING = "nothing planted"


@dataclass
class Tally:
    """What came out so far.

    Attributes:
        taken: By trouble: how often it was taken for which category.
        levels: By level of confidence: the confidences, and whether each was right.
        whole: For each build, whether all of it was right.
        odd: What was wrong, for people.
    """

    taken: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    levels: defaultdict[str, list[tuple[float, bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    whole: list[bool] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)

    def add(self, seed: int, scan: dict[str, Any], truth: Sequence[Planted]) -> None:
        """Count one build."""
        causes = [*scan["causes"], *scan["passed_on_retry"]]
        whole = True
        for planted in truth:
            word = taken_for(planted, causes)
            self.taken[planted.trouble][word] += 1
            if word != planted.category:
                whole = False
                said = planted.tests[:1] or planted.jobs[:1]
                self.odd.append(f"seed {seed}: {planted.trouble} {said} is {word}")
        for cause in scan["causes"]:
            meant = meaning(cause, truth)
            right = cause["category"] == meant
            self.levels[cause["level"]].append((cause["confidence"], right))
            if meant == NOTHING:
                whole = False
                self.taken[NOTHING][cause["category"]] += 1
                self.odd.append(f"seed {seed}: {cause['text']!r} was not planted")
        self.whole.append(whole)


def overlap(planted: Planted, cause: dict[str, Any]) -> int:
    """In how many jobs a cause is what was planted."""
    ids = {job["job_id"] for job in cause["jobs"]}
    tests = {test["test_id"] for test in cause.get("tests", ())}
    apart = tests and planted.tests and not tests & set(planted.tests)
    return 0 if apart else len(ids & set(planted.job_ids))


def taken_for(planted: Planted, causes: Iterable[dict[str, Any]]) -> str:
    """The category of most of its failed jobs."""
    found: Counter[str] = Counter()
    for cause in causes:
        found[cause["category"]] += overlap(planted, cause)
    word, jobs = max(found.items(), key=lambda one: one[1], default=(MISSED, 0))
    return word if jobs else MISSED


def meaning(cause: dict[str, Any], truth: Iterable[Planted]) -> str:
    """The category of what was planted in most of its jobs."""
    best = max(truth, key=lambda planted: overlap(planted, cause), default=None)
    return best.category if best and overlap(best, cause) else NOTHING


async def scanned(world: World, url: str, folder: Path) -> dict[str, Any]:
    """The whole scan of the newest nightly."""
    server = build_server(
        {
            "toolsets": "buildkite",
            "cache": folder,
            "state": folder / "state",
            "buildkite": {
                "url": url,
                "web_url": f"{url}/web",
                "token": "reader",
                "github_url": f"{url}/github",
                "log_in": False,
            },
        }
    )
    build = {"build": str(world.nightlies[-1])}
    async with Client(server.mcp) as client:
        answer = await client.call_tool("buildkite_scan_build", build)
    scan_id = (answer.structured_content or {})["scan_id"]
    scans = Disk(folder / "buildkite" / "scans", now=lambda: datetime.now(UTC))
    stored = scans.get(scan_id)
    if stored is None:
        raise SystemExit(f"scan {scan_id} was not kept")
    found: dict[str, Any] = json.loads(stored[0])["scan"]
    return found


def judged(seed: int, jobs: int, tally: Tally) -> None:
    """Scan the build of a seed, and count what comes out."""
    world = World(seed, days=DAYS, jobs=jobs)
    with tempfile.TemporaryDirectory() as name, served(app(world)) as url:
        rules = user_cache_path("sickbay") / "rules"
        (Path(name) / "rules").symlink_to(rules)
        scan = asyncio.run(scanned(world, url, Path(name)))
    tally.add(seed, scan, world.truth(world.nightlies[-1]))


def table(tally: Tally) -> Iterable[str]:
    """What each trouble was taken for."""
    words = [*CATEGORIES, MISSED]
    yield f"| planted | right | of | {' | '.join(words)} |"
    yield f"|---|---|---|{'---|' * len(words)}"
    for trouble, found in sorted(tally.taken.items()):
        total = found.total()
        right = rightly(trouble, found)
        share = "" if right is None else f"{right / total:.1%}"
        cells = " | ".join(str(found[word] or "") for word in words)
        yield f"| {trouble} | {share} | {total} | {cells} |"


EXPECTED = {
    "regression": "NEW_REGRESSION",
    "known_issue": "KNOWN_TRACKED",
    "flaky": "FLAKY_SUSPECTED",
    "timeout": "NEW_REGRESSION",
    "crash": "NEW_REGRESSION",
}
"""Of troubles; all others are of the machines."""


def rightly(trouble: str, found: Counter[str]) -> int | None:
    """How often a trouble was taken for what it is."""
    if trouble == NOTHING:
        return None
    return found[EXPECTED.get(trouble, "INFRA_SUSPECTED")]


def calibration(tally: Tally) -> Iterable[str]:
    """How often causes of each level were right."""
    yield "| level | causes | mean confidence | right |"
    yield "|---|---|---|---|"
    for level in LEVELS:
        found = tally.levels[level]
        if found:
            mean = sum(confidence for confidence, _ in found) / len(found)
            right = sum(right for _, right in found) / len(found)
            yield f"| {level} | {len(found)} | {mean:.1%} | {right:.1%} |"


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--odd", action="store_true", help="name what was wrong")
    options = parser.parse_args()
    if not catalogue(cache=FileCache()).engine:  # compiled once for all builds
        raise SystemExit("the rules do not compile")
    tally, start = Tally(), time.perf_counter()
    for seed in range(options.first, options.first + options.seeds):
        judged(seed, options.jobs, tally)
    print(*table(tally), "", *calibration(tally), "", sep="\n")
    whole = sum(tally.whole) / len(tally.whole)
    seconds = time.perf_counter() - start
    print(f"{whole:.1%} of {len(tally.whole)} builds wholly right, {seconds:.0f} s")
    if options.odd:
        print(*tally.odd, sep="\n")
    rights = (rightly(*item) for item in tally.taken.items() if item[0] != NOTHING)
    total = sum(found.total() for name, found in tally.taken.items() if name != NOTHING)
    return int(sum(right or 0 for right in rights) < RIGHT_LEAST * total)


if __name__ == "__main__":
    sys.exit(main())
