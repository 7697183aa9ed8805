"""A plain client of a HUD, to compare with.

The plain client does what the predecessor did: a new connection for every request, one
page after the other, whole logs in memory, its own patterns over every line.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import requests

REPO = ("pytorch", "pytorch")
WAIT_S = 120

PATTERNS = {
    "error": r"(?i)error:",
    "exception": r"(?i)exception:",
    "warning": r"(?i)warning:",
    "failed_test": r"FAILED.*test_",
    "unittest": r"Ran (\d+) tests? in .*",
    "failures": r"FAILED \((?:failures|errors)=(\d+)",
    "cuda": r"CUDA (?:error|exception)|cudaError",
    "memory": r"out of memory|OutOfMemoryError",
    "build": r"(?i)build failed",
}
SUMMARY = re.compile(r"(\d+) failed, (\d+) passed, (\d+) skipped")
FAILED = re.compile(r"FAILED\s+(\S+::\S+|test\w+)")


def page(url: str, number: int, per_page: int) -> dict[str, Any]:
    """One page of the grid."""
    answer = requests.get(
        f"{url}/api/hud/{'/'.join(REPO)}/main/{number}",
        params={"per_page": per_page},
        timeout=WAIT_S,
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def failing(url: str, commits: int, per_page: int) -> set[tuple[str, str]]:
    """Commit and job of every failure, page by page."""
    found = set()
    for number in range(1, -(-commits // per_page) + 1):
        document = page(url, number, per_page)
        for commit in document["shaGrid"]:
            pairs = zip(document["jobNames"], commit["jobs"], strict=True)
            found |= {
                (commit["sha"], name)
                for name, job in pairs
                if job.get("conclusion") in {"failure", "timed_out", "startup_failure"}
            }
    return found


def explained(url: str, job_id: int | str) -> tuple[Counter[str], set[str]]:
    """How often each pattern is in a log, and the tests that it says failed."""
    answer = requests.get(f"{url}/log/{job_id}", timeout=WAIT_S)
    answer.raise_for_status()
    lines = answer.text.split("\n")
    counts: Counter[str] = Counter()
    for name, pattern in PATTERNS.items():
        compiled = re.compile(pattern)
        counts[name] = sum(bool(compiled.search(line)) for line in lines)
    failed = set()
    for line in lines:
        SUMMARY.search(line)
        if found := FAILED.search(line):
            failed.add(found[1])
    return counts, failed
