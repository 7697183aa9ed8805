"""Explains jobs of a HUD in a process of its own, and says what that took.

One side is Sickbay's tool, the other the plain client that reads one log after the
other. The first job is not measured: an assistant's server has started long ago.
Prints one JSON object: seconds, those of the processor, the most memory in MB, jobs
with a failure.
"""

from __future__ import annotations

import json
import os
import sys
import time
from resource import RUSAGE_SELF, getrusage

KB_PER_MB = 1024


def ours(url: str, job_ids: list[str]) -> list[str]:
    """The jobs in whose log the tool finds a failure."""
    import sickbay  # noqa: PLC0415 - the other side does without

    places = ("URL", "LOG_URL", "TEMP_LOG_URL", "STATS_URL")
    os.environ.update({f"SICKBAY_HUD__{place}": url for place in places})
    arguments = {"jobs": job_ids}
    found: list[str] = []
    while True:
        answer = sickbay.call("hud_explain_job", **arguments)
        found += [str(row["job_id"]) for row in answer["explained"] if row["causes"]]
        if not answer["next_cursor"]:
            return found
        arguments["cursor"] = answer["next_cursor"]


def plain(url: str, job_ids: list[str]) -> list[str]:
    """The jobs in whose log the plain client finds one."""
    from hud import explained  # noqa: PLC0415 - the other side does without

    found = []
    for job_id in job_ids:
        counts, failed = explained(url, job_id)
        if failed or any(counts.values()):
            found.append(job_id)
    return found


def main() -> None:
    """Run one side."""
    side, url, *job_ids = sys.argv[1:]
    explain = {"ours": ours, "plain": plain}[side]
    explain(url, job_ids[:1])
    start, spent = time.perf_counter(), time.process_time()
    found = explain(url, job_ids[1:])
    measured = {
        "seconds": time.perf_counter() - start,
        "cpu_s": time.process_time() - spent,
        "peak_mb": getrusage(RUSAGE_SELF).ru_maxrss / KB_PER_MB,
        "found": sorted(found),
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
