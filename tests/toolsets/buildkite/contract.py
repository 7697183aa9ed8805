"""The cases of the ``buildkite`` toolset."""

from __future__ import annotations

import asyncio
import atexit
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from fastmcp import Client

from sickbay.server.build import build_server
from tests.contract.cases import Case, Contract
from tests.toolsets.buildkite.cases import (
    BUILD,
    FAILED,
    LOGS,
    NIGHTLY,
    NOBODY,
    PLACE,
    READS,
)
from tests.toolsets.buildkite.stand import CANARIES, settings_of, site_at
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.simulators.buildkite import Site

RETRIED = next(job for job in BUILD.jobs if job.retried_in)
STEPS = [job for job in BUILD.jobs if job.step.kind == "manual"]
STEP = next(job for job in STEPS if job.state == "blocked")

SCANNED: dict[str, Any] = {}
NEW: dict[str, Any] = {}
"""Arguments that name a scan: it is made once the contract is walked."""

_site: list[Site] = []


def prepare(folder: Path) -> Mapping[str, Any]:
    """Start a Buildkite that nobody has changed, and scan its nightly."""
    stack = ExitStack()
    atexit.register(stack.close)
    _site[:] = [stack.enter_context(site_at(own=True))]
    settings = {
        **samples.settings(folder / ".kept"),
        "toolsets": "buildkite",
        **settings_of(_site[0]),
    }
    with ThreadPoolExecutor(1) as pool:  # a loop runs here already
        scan = pool.submit(asyncio.run, _scanned(settings)).result()
    SCANNED["scan"] = scan["scan_id"]
    NEW.update(scan=scan["scan_id"], cause_id=scan["causes"][0]["cause_id"])
    return settings


async def _scanned(settings: Mapping[str, Any]) -> dict[str, Any]:
    server = build_server(settings)
    async with Client(server.mcp) as client:
        answer = await client.call_tool("buildkite_scan_build", {"build": NIGHTLY})
    found: dict[str, Any] = answer.structured_content or {}
    return found


def state() -> object:
    """What was changed at Buildkite and GitHub."""
    return list(_site[0].world.changes) if _site else None


CHANGES = (
    Case(
        tool="buildkite_retry_job",
        arguments={"job": LOGS[0]},
        outcome="confirmation_required",
    ),
    Case(
        tool="buildkite_retry_job",
        arguments={"job": f"{PLACE}/{RETRIED.job_id}"},
        outcome="already_done",
    ),
    Case(tool="buildkite_retry_job", arguments={"job": NOBODY}, outcome="error"),
    Case(
        tool="buildkite_retry_job",
        arguments={"job": f"{PLACE}/{STEP.job_id}"},
        outcome="error",
    ),
    Case(
        tool="buildkite_unblock_job",
        arguments={"job": f"{PLACE}/{STEP.job_id}", "fields": {"reason": "wanted"}},
        outcome="confirmation_required",
    ),
    Case(
        tool="buildkite_unblock_job",
        arguments={"job": f"{PLACE}/{FAILED[0]}"},
        outcome="error",
    ),
    Case(
        tool="buildkite_create_issue",
        arguments=NEW,
        outcome="confirmation_required",
    ),
    Case(
        tool="buildkite_create_issue",
        arguments=NEW,  # the call before has opened it
        outcome="already_done",
    ),
    Case(
        tool="buildkite_create_issue",
        arguments={"scan": "1-0123456789", "cause_id": "x"},
        outcome="error",
    ),
)

RENDERED = (
    Case(tool="buildkite_render", arguments=SCANNED),
    Case(tool="buildkite_render", arguments={"scan": "no scan"}, outcome="error"),
)

CONTRACT = Contract(
    prepare=prepare,
    state=state,
    canaries=CANARIES,
    cases=(*READS, *RENDERED, *CHANGES),
)
