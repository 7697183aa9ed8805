"""Explaining the logs of 40 failed jobs, beside a plain client that reads one by one.

Every log has 10 MB and is stored packed; the simulated HUD takes 200 ms for every
answer. The plain client does what the predecessor did: it downloads a log whole, and
looks for nine patterns and for failed tests in every line. Both sides run in a process
of their own, ours with an empty cache of logs.
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

import requests
from platformdirs import user_cache_path

from parts.hud import page
from parts.simulated import simulated
from sickbay.clients.store import FileCache
from sickbay.logs.catalogue import catalogue

JOBS = 40
MB = 10
PROGRAM = Path(__file__).parent / "parts" / "explain_jobs.py"
RATIO_LEAST = 8.0
MEMORY_MOST = 300


def failed_jobs(url: str) -> list[str]:
    """The newest jobs that failed and have a log."""
    found: list[str] = []
    for number in range(1, 7):
        for commit in page(url, number, 50)["shaGrid"]:
            for job in commit["jobs"]:
                if job.get("conclusion") == "failure" and len(found) <= JOBS:
                    answer = requests.get(f"{url}/log/{job['id']}", timeout=60)
                    found += [str(job["id"])] if answer.ok else []
    return found


def run(side: str, url: str, job_ids: list[str]) -> dict[str, Any]:
    """What one side took, with a cache of its own that has compiled rules only."""
    with tempfile.TemporaryDirectory() as folder:
        rules = user_cache_path("sickbay") / "rules"
        (Path(folder) / "rules").symlink_to(rules)
        env = {**os.environ, "SICKBAY_CACHE": folder, "SICKBAY_STATE": f"{folder}/s"}
        command = [sys.executable, str(PROGRAM), side, url, *job_ids]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> int:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if not catalogue(cache=FileCache()).engine:  # compiled once for all runs
        raise SystemExit("the rules do not compile")
    options = ("--latency", "0.2", "--log-bytes", str(MB * 1_000_000))
    with simulated("hud", *options) as url:
        job_ids = failed_jobs(url)
        own = run("ours", url, job_ids)
        slow = run("plain", url, job_ids)
    if own["found"] != slow["found"]:
        raise SystemExit("the two sides do not find failures in the same jobs")
    print(f"{JOBS} failed jobs, logs of {MB} MB, 200 ms for every answer")
    print(
        f"{'':32}{'seconds':>9}{'ratio':>8}{'CPU s':>8}{'peak MB':>9}{'failures':>10}"
    )
    for name, side in (("requests, one after the other", slow), ("sickbay", own)):
        ratio = side["seconds"] / own["seconds"]
        cells = f"{side['seconds']:9.1f}{ratio:8.1f}{side['cpu_s']:8.1f}"
        print(f"{name:32}{cells}{side['peak_mb']:9.0f}{len(side['found']):10}")
    print(f"needed: {RATIO_LEAST:g} times as fast, in less than {MEMORY_MOST} MB")
    fast = slow["seconds"] / own["seconds"] >= RATIO_LEAST
    return int(not fast or own["peak_mb"] >= MEMORY_MOST)


if __name__ == "__main__":
    sys.exit(main())
