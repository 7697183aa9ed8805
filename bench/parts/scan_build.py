"""Scans a build in a process of its own, and says what that took.

One side is Sickbay's tool, the other the plain client; an older build is scanned
before, unmeasured: an assistant's server has started long ago. Prints one JSON object:
seconds of the first and of the second scan, those of the processor, the most memory in
MB, failed jobs, failures.
"""

from __future__ import annotations

import json
import os
import sys
import time
from resource import RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

KB_PER_MB = 1024


def ours(url: str) -> Callable[[int], dict[str, Any]]:
    """Scans by the tool."""
    import sickbay  # noqa: PLC0415 - the other side does without

    os.environ |= {
        "SICKBAY_BUILDKITE__URL": url,
        "SICKBAY_BUILDKITE__WEB_URL": f"{url}/web",
        "SICKBAY_BUILDKITE__TOKEN": "reader",
        "SICKBAY_BUILDKITE__GITHUB_URL": f"{url}/github",
        "SICKBAY_BUILDKITE__LOG_IN": "false",
    }

    def scan(number: int) -> dict[str, Any]:
        answer = sickbay.call("buildkite_scan_build", build=str(number))
        return {
            "jobs": answer["coverage"]["examined"],
            "found": answer["unique_failures"],
            "outcome": answer["outcome"],
        }

    return scan


def plain(url: str, *, issues: bool) -> Callable[[int], dict[str, Any]]:
    """Scans by the plain client."""
    from buildkite import scanned  # noqa: PLC0415 - the other side does without

    return lambda number: scanned(url, number, issues=issues)


def main() -> None:
    """Run one side."""
    side, url, before, number = sys.argv[1:]
    scan = ours(url) if side == "ours" else plain(url, issues=side == "issues")
    if side == "ours":
        scan(int(before))
    start, spent = time.perf_counter(), time.process_time()
    found = scan(int(number))
    once = time.perf_counter()
    cpu_s = time.process_time() - spent
    again = scan(int(number)) if side == "ours" else found
    measured = {
        "seconds": once - start,
        "again_s": time.perf_counter() - once,
        "cpu_s": cpu_s,
        "peak_mb": getrusage(RUSAGE_SELF).ru_maxrss / KB_PER_MB,
        "same": again == found,
        **found,
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
