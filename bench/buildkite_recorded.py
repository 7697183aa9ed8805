"""What recorded logs are taken for, and how sure: each is the only job of a build.

The logs are real: of vLLM's Buildkite, of suites that break on a newer Python, and of a
suite made to print what is hard to read. What they are is known from how they were
made. A log alone says less than a build: there is no past, no issue, no other job.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.ci.builds import Attempt, Build
from sickbay.ci.scan.models import FailedJob
from sickbay.ci.scan.scan import scan
from sickbay.clients.store import FileCache
from sickbay.logs.catalogue import catalogue
from sickbay.logs.explain import explain_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.scan.models import Category, Cause

DATA = Path(os.environ.get("SICKBAY_DATA", Path(__file__).parents[2] / "shared/data"))
NOW = datetime(2026, 3, 1, tzinfo=UTC)
KILLED = 137
MACHINE = {"kill9": KILLED, "log_engine_cuda_init_fail": 1}
"""Logs in which the machine or its keeper failed, and the exit status of the job."""

UNKNOWN = {"hang_killed", "hang_signal"}
"""A test that hangs: by its log alone, the code's fault or the machine's."""


def recorded() -> Iterator[tuple[str, Path, int, Category]]:
    """Name, log, exit status and category of every recorded job that failed."""
    for folder in ("pytest-hard-cases", "pytest-real-runs"):
        for meta in sorted((DATA / folder).glob("*.meta.json")):
            name = meta.name.removesuffix(".meta.json")
            status = json.loads(meta.read_text()).get("exit_status", 1)
            log = meta.with_name(f"{name}.log")
            if status and name.partition(".")[0] not in UNKNOWN and log.exists():
                yield (name, log, *_meant(name.partition(".")[0], status))
    for log in sorted((DATA / "vllm-buildkite").glob("*.txt")):
        yield (log.stem, log, *_meant(log.stem, 1))


def _meant(name: str, status: int) -> tuple[int, Category]:
    if name in MACHINE:
        return MACHINE[name], "INFRA_SUSPECTED"
    return status, "NEW_REGRESSION"


def causes(log: Path, status: int) -> tuple[Cause, ...]:
    """What a build of this one job comes to."""
    attempt = Attempt(
        job_id="1",
        name="recorded",
        sha="a" * 40,
        state="fail",
        conclusion="failed",
        exit_status=status,
        command="pytest",
        duration_s=600.0,
    )
    build = Build(
        organization="o",
        pipeline="p",
        number=1,
        url="https://buildkite.com/o/p/builds/1",
        attempts=(attempt,),
    )
    wanted = catalogue(cache=FileCache())
    report = explain_bytes(log.read_bytes(), log.name, wanted)
    failed = [FailedJob(job=build.jobs[0], attempt=attempt, report=report)]
    return scan(build, failed, past=(), issues=(), now=NOW)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--odd", action="store_true", help="name what was wrong")
    options = parser.parse_args()
    levels: defaultdict[str, list[tuple[float, bool]]] = defaultdict(list)
    logs, odd = 0, []
    for name, log, status, meant in recorded():
        logs += 1
        for cause in causes(log, status):
            said = cause.verdict
            right = said.category == meant
            levels[said.level].append((said.confidence, right))
            if not right:
                odd.append(f"{name}: {cause.text[:70]!r} is {said.category}")
    if not logs:
        print(f"skipped: there are no recorded logs in {DATA}")
        return 0
    print(f"{logs} recorded logs")
    print("| level | causes | mean confidence | right |", "|---|---|---|---|", sep="\n")
    for level in ("high", "medium", "low"):
        if found := levels[level]:
            mean = sum(confidence for confidence, _ in found) / len(found)
            share = sum(right for _, right in found) / len(found)
            print(f"| {level} | {len(found)} | {mean:.1%} | {share:.1%} |")
    if options.odd:
        print(*odd, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
