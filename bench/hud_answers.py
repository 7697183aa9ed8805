"""Bytes of each tool's default answer, beside the bytes of the HUD's that it read.

Every tool is asked by a server whose cache is empty but for compiled rules; the
simulated HUD has 300 commits and logs of 1 MB. Its bytes are those sent, logs packed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastmcp import Client
from platformdirs import user_cache_path

from sickbay.clients.store import FileCache
from sickbay.logs.catalogue import catalogue
from sickbay.server.build import build_server
from sickbay.simulators.hud.app import app
from sickbay.simulators.hud.world import World
from sickbay.simulators.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COMMITS = 300
JOBS = 40
LOG_BYTES = 1_000_000
BYTES_MOST = 8_000

Call = tuple[str, dict[str, Any]]


@dataclass
class Weighed:
    """An app, and how many bytes it has sent."""

    app: ASGIApp
    sent: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count what the answer holds."""

        async def counted(message: Message) -> None:
            self.sent += len(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, counted)


def calls(world: World) -> Iterator[Call]:
    """Every tool by its defaults; where it wants something, what fails in the world."""
    failed = [run for run in world.runs() if run.conclusion == "failure"]
    logged = [run for run in failed if run.failure and run.status == "completed"]
    ids = [str(run.job_id) for run in logged]
    story = world.story("ongoing")
    shas = [commit.sha for commit in world.landed]
    broken = next(number for number, pull in world.pulls.items() if pull.truth)
    for detail in ("summary", "jobs", "failures"):
        yield "hud_recent_commits", {"detail": detail}
    yield "hud_trunk_status", {}
    yield "hud_streaks", {}
    yield "hud_job", {"job_id": ids[-1]}
    yield "hud_explain_job", {"jobs": ids[-1:]}
    yield "hud_explain_job", {"jobs": ids[-JOBS:]}
    yield "hud_similar_failures", {"failure": story.cause}
    yield "hud_failure_history", {"job_id": ids[-1]}
    yield "hud_flaky_tests", {}
    yield "hud_disabled_tests", {}
    yield "hud_test_status_changes", {"sha1": shas[-40], "sha2": shas[-2]}
    yield "hud_pr_triage", {"pr": str(broken)}
    yield "hud_queries", {}
    red = {"workflowNames": ["lint", "pull", "trunk"]}
    yield "hud_query", {"name": "master_commit_red_jobs", "parameters": red}
    for metric in ("trunk_red", "queued_jobs", "queue_times", "reverts"):
        yield "hud_metrics", {"metric": metric}


async def asked(settings: Mapping[str, Any], call: Call) -> tuple[int, int, str]:
    """Bytes of the structured answer and of the text, and how the call went."""
    tool, arguments = call
    async with Client(build_server(settings).mcp) as client:
        answer = await client.call_tool(tool, arguments, raise_on_error=False)
    found = answer.structured_content or {}
    text = "".join(getattr(part, "text", "") for part in answer.content)
    packed = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    return len(packed.encode()), len(text.encode()), str(found.get("outcome"))


def settings_of(url: str, folder: str) -> dict[str, Any]:
    """A server with nothing in its cache but the rules."""
    cache = Path(folder) / "cache"
    cache.mkdir()
    (cache / "rules").symlink_to(user_cache_path("sickbay") / "rules")
    places = dict.fromkeys(("url", "log_url", "temp_log_url", "stats_url"), url)
    return {
        "cache": cache,
        "state": Path(folder) / "state",
        "toolsets": "hud",
        "hud": places,
    }


def main() -> int:
    """Print the table; 1 if an answer is too large or a call fails."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    if not catalogue(cache=FileCache()).engine:  # compiled once for all calls
        raise SystemExit("the rules do not compile")
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    world = World(commits=COMMITS, now=now, log_bytes=LOG_BYTES)
    weighed = Weighed(app(world))
    worst, failed = 0, False
    print(f"{'bytes of':44}{'the HUD':>12}{'answer':>8}{'text':>8}  outcome")
    with served(weighed) as url:
        for call in calls(world):
            weighed.sent = 0
            with tempfile.TemporaryDirectory() as folder:
                size, text, outcome = asyncio.run(asked(settings_of(url, folder), call))
            given = " ".join(_shown(value) for value in call[1].values())
            name = f"{call[0].removeprefix('hud_')} {given}"[:43]
            print(f"{name:44}{weighed.sent:12,}{size:8,}{text:8,}  {outcome}")
            worst = max(worst, size, text)
            failed |= outcome == "error"
    print(f"needed: at most {BYTES_MOST:,} bytes; the largest has {worst:,}")
    return int(worst > BYTES_MOST or failed)


def _shown(value: object) -> str:
    return f"({len(value)})" if isinstance(value, list) else str(value)[:12]


if __name__ == "__main__":
    sys.exit(main())
