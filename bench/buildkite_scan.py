"""Scanning a build with 60 failed jobs, beside a client with a process per request.

Every log has 5 MB; the simulated Buildkite and GitHub take 200 ms for every answer, and
count requests as the real one does: 200 a minute for an organization. Both sides run in
a process of their own, ours with an empty cache of logs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from parts.buildkite import PLACE, curl, newest_nightly
from parts.simulated import simulated
from sickbay.clients.store import FileCache
from sickbay.logs.catalogue import catalogue

JOBS = 60
MB = 5
LIMIT = 200
PROGRAM = Path(__file__).parent / "parts" / "scan_build.py"
RATIO_LEAST, AGAIN_LEAST = 10.0, 20.0
MEMORY_MOST = 300


def run(side: str, url: str, before: int, number: int) -> dict[str, Any]:
    """What one side took, with a cache of its own that has compiled rules only."""
    with tempfile.TemporaryDirectory() as folder:
        rules = user_cache_path("sickbay") / "rules"
        (Path(folder) / "rules").symlink_to(rules)
        env = {**os.environ, "SICKBAY_CACHE": folder, "SICKBAY_STATE": f"{folder}/s"}
        command = [sys.executable, str(PROGRAM), side, url, str(before), str(number)]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def older(url: str, number: int) -> int:
    """A build to warm up with."""
    builds = json.loads(curl(f"{url}/{PLACE}?exclude_jobs=true&per_page=5"))
    return next(int(b["number"]) for b in builds if int(b["number"]) != number)


def measured(options: tuple[str, ...], side: str) -> dict[str, Any]:
    """One side against a fresh Buildkite: none has the other's requests counted."""
    with simulated("buildkite", *options) as url:
        number = newest_nightly(url)
        return run(side, url, older(url, number), number)


def main() -> int:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if not catalogue(cache=FileCache()).engine:  # compiled once for all runs
        raise SystemExit("the rules do not compile")
    options = ("--latency", "0.2", "--log-bytes", f"{MB}000000", "--failed", f"{JOBS}")
    own = measured((*options, "--rate", f"{LIMIT}"), "ours")
    logs = measured((*options, "--rate", "0"), "logs")
    issues = measured((*options, "--rate", "0"), "issues")
    print(f"{own['jobs']} failed attempts of jobs, logs of {MB} MB, 200 ms an answer")
    heads = ("seconds", "ratio", "CPU s", "peak MB", "logs")
    print(f"{'':34}" + "".join(f"{head:>9}" for head in heads))
    for name, side in (
        ("a process for each request", issues),
        ("the same without any issues", logs),
        ("sickbay", own),
    ):
        ratio = side["seconds"] / own["seconds"]
        cells = f"{side['seconds']:9.1f}{ratio:9.1f}{side['cpu_s']:9.1f}"
        print(f"{name:34}{cells}{side['peak_mb']:9.0f}{side['jobs']:9}")
    again = own["seconds"] / max(own["again_s"], 1e-6)
    print(
        f"{'sickbay, the same build again':34}{own['again_s']:9.3f}{'':9}{again:9.0f}x"
    )
    print(
        f"needed: {RATIO_LEAST:g} times as fast in less than {MEMORY_MOST} MB, "
        f"{AGAIN_LEAST:g} times again"
    )
    fast = issues["seconds"] / own["seconds"] >= RATIO_LEAST and again >= AGAIN_LEAST
    return int(not fast or own["peak_mb"] >= MEMORY_MOST)


if __name__ == "__main__":
    sys.exit(main())
