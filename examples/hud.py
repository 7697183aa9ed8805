"""Three questions to PyTorch HUD, as a script that was written for an older client.

Only its imports are new. ``SICKBAY_HUD__URL`` names another HUD, and
``HUD_INTERNAL_BOT_TOKEN`` or ``SICKBAY_HUD__GITHUB_TOKEN`` lets it in.
"""
# ruff: noqa: INP001, T201 - a script of its own, and it prints

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from sickbay import HudClient as PyTorchHudAPI
from sickbay import HudError as PyTorchHudAPIError


def main(ref: str = "main") -> int:
    """Answer the three questions."""
    api = PyTorchHudAPI()
    try:
        failures = jobs_of_a_commit(api, ref)
        trunk_red(api)
        similar(api, failures)
    except PyTorchHudAPIError as exc:
        print(f"HUD: {exc}", file=sys.stderr)
        return 1
    return 0


def jobs_of_a_commit(api: PyTorchHudAPI, ref: str) -> list[dict[str, Any]]:
    """How did the jobs of a commit end, and what failed?"""
    page = api.get_hud_data("pytorch", "pytorch", ref, per_page=10)
    failures: list[dict[str, Any]] = []
    for commit in page["shaGrid"]:
        jobs = [job for job in commit["jobs"] if job]
        ended = Counter(job.get("conclusion") for job in jobs)
        print(f"{commit['sha'][:8]} {commit['commitTitle'][:60]}: {dict(ended)}")
        failures = [job for job in jobs if job.get("conclusion") == "failure"]
        failures = [job for job in failures if job.get("failureLines")]
        for job in failures:
            print(f"  failed: {job['name']}: {job['failureLines'][0]}")
        if failures:
            break
    return failures


def trunk_red(api: PyTorchHudAPI) -> None:
    """What part of the commits of the last seven days was red?"""
    start, stop = api.parse_time_range("7d")
    days = api.query_clickhouse(
        "master_commit_red",
        {
            "startTime": start,
            "stopTime": stop,
            "timezone": "America/Los_Angeles",
            "granularity": "day",
            "usePercentage": False,
        },
    )
    for day in days:
        red, total = day["red"], day["total"]
        print(f"{day['granularity_bucket'][:10]}: {red} of {total} commits red")


def similar(api: PyTorchHudAPI, failures: list[dict[str, Any]]) -> None:
    """Where else was this failure seen in the last seven days?"""
    if not failures:
        print("nothing failed")
        return
    line = failures[0]["failureLines"][0]
    found = api.search_logs(line, repo="pytorch/pytorch")["jobs"]
    print(f"{len(found)} jobs with a failure like {line!r}")
    for job in found[:5]:
        print(f"  {job.get('name')} on {job.get('sha', '')[:8]}")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
