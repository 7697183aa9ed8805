"""A plain client of Buildkite and GitHub, to compare with.

The plain client does what the predecessor did: one process for every request (``bk``
and ``gh`` there, ``curl`` here, which starts faster), one after the other, whole logs
as text, its pattern over every line, two searches for issues for every failure. It
looks at all failed jobs, where the predecessor stopped after ten.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any
from urllib.parse import quote

PLACE = "v2/organizations/vllm/pipelines/ci/builds"
REPO = "vllm-project/vllm"
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+::\S+)", re.MULTILINE)
MARKS = re.compile(r"\x1b_bk;t=\d+\x07|\x1b\[[\d;]*[A-Za-z]")
"""Taken off for the plain client: with them, it finds no test at all."""


def curl(url: str) -> bytes:
    """What is at a URL, fetched by a process."""
    command = ["curl", "-sS", "-g", "-H", "Authorization: Bearer reader", url]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


def newest_nightly(url: str) -> int:
    """The number of the build to scan."""
    builds = json.loads(curl(f"{url}/{PLACE}?exclude_jobs=true&per_page=30"))
    title = re.compile(r"Full CI run - nightly\b")
    return next(int(b["number"]) for b in builds if title.match(b["message"]))


def failed_jobs(url: str, number: int) -> list[dict[str, Any]]:
    """The jobs of a build that did not pass and have a log."""
    build = json.loads(curl(f"{url}/{PLACE}/{number}"))
    return [
        job
        for job in build["jobs"]
        if job["type"] == "script" and job["state"] in {"failed", "timed_out"}
    ]


def scanned(url: str, number: int, *, issues: bool) -> dict[str, Any]:
    """What the plain client finds in a build."""
    found: set[tuple[str, str]] = set()
    searches = 0
    jobs = failed_jobs(url, number)
    for job in jobs:
        log = curl(f"{url}/{PLACE}/{number}/jobs/{job['id']}/log.txt").decode("utf-8")
        tests = dict.fromkeys(FAILED.findall(MARKS.sub("", log))) or [job["name"]]
        for test in tests:
            found.add((job["name"], test))
            if issues:
                searches += searched(url, test)
    return {"jobs": len(jobs), "found": len(found), "searches": searches}


def searched(url: str, test: str) -> int:
    """How many searches one failure takes: one by its name and label, one without."""
    name = test.rsplit("::", 1)[-1].split("[", 1)[0]
    asked = (f'repo:{REPO} label:ci-failure "{name}"', f"repo:{REPO} {name}")
    for query in asked:
        curl(f"{url}/github/search/issues?q={quote(query)}&per_page=5")
    return len(asked)
