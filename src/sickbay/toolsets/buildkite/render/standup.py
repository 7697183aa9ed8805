"""The stand-up line: one to three lines that one can paste or say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.render.link import link, literal
from sickbay.render.words import amount
from sickbay.toolsets.buildkite.render.phrases import (
    by_category,
    endings,
    kind,
    state,
    undone,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.toolsets.buildkite.models.scan import ScanReport

NEW = "NEW_REGRESSION"
KEY = 3
"""Tests that are named."""


def standup(scan: ScanReport) -> str:
    """What to say of the build at the stand-up.

    Args:
        scan: Of a build.
    """
    return "\n".join([" ".join(_said(scan)), *_besides(scan)]) + "\n"


def _said(scan: ScanReport) -> Iterator[str]:
    build = scan.build_info
    if build is None:
        yield "No build."
        return
    number = link(str(build.build_number), build.build_url)
    found = f"{scan.unique_failures} unique failures"  # as programs look for it
    counts = [
        f"{len(causes)} {category}" for category, causes in by_category(scan.causes)
    ]
    said = f": {', '.join(counts)}" if counts else ""
    yield f"{kind(build)} {number} {state(build)} with {found}{said}."
    new = [cause for cause in scan.causes if cause.category == NEW]
    if new:
        names = [literal(cause.name.rsplit("::", 1)[-1]) for cause in new[:KEY]]
        more = f" and {len(new) - KEY} more" if len(new) > KEY else ""
        yield f"Key {NEW} tests: {', '.join(names)}{more}"


def _besides(scan: ScanReport) -> Iterator[str]:
    """What the first line leaves out: how the jobs ended, whose it is, what lacks."""
    if said := endings(scan.jobs):
        yield f"{scan.jobs.failed} of {scan.jobs.total} jobs failed: {said}"
    rest = []
    owners = dict.fromkeys(
        name
        for cause in scan.causes
        if cause.category == NEW and cause.owner
        for name in cause.owner.names[:1]
    )
    if owners:
        rest.append(f"to look at it: {', '.join(map(literal, list(owners)[:KEY]))}")
    if scan.build_info and not scan.build_info.finished:
        rest.append("the build still runs")
    if count := len(undone(scan)):
        rest.append(f"{amount(count, 'thing')} not looked at")
    if rest:
        yield f"Besides: {'; '.join(rest)}"
