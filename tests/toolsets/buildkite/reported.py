"""Reports on simulated nightlies as they were; ``--update`` pins them anew.

``python -m tests.toolsets.buildkite.reported`` says which have changed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import anyio

from sickbay.ci.references import BuildRef
from sickbay.core.services import Folders
from sickbay.render.page import text
from sickbay.render.plain import Paint
from sickbay.server.call import RunningCall
from sickbay.toolsets.buildkite.models.scan import Format
from sickbay.toolsets.buildkite.render.report import report
from sickbay.toolsets.buildkite.render.scan import scan_page
from sickbay.toolsets.buildkite.settings import Settings
from sickbay.toolsets.buildkite.source import opened
from sickbay.toolsets.buildkite.tools.scanner import Scanner
from tests.toolsets.buildkite.stand import settings_of, site_at
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from sickbay.toolsets.buildkite.models.scan import ScanReport
    from tests.simulators.buildkite import Site

FOLDER = Path(__file__).with_name("snapshots")
NOW = datetime(2026, 2, 3, 14, 0, tzinfo=UTC)
SEEDS = (1, 2)
WIDTH = 100


@dataclass(frozen=True)
class Clockwork:
    """The services of a server for which it is always the same time."""

    folders: Folders
    writes: bool = False
    tools: Any = None

    def now(self) -> datetime:
        return NOW

    async def find(self, _wanted: type[Any]) -> tuple[Any, ...]:
        return ()


def site_of(seed: int) -> Any:  # noqa: ANN401 - a context manager of a site
    """A small organisation of which the newest nightly is looked at."""
    return site_at(seed=seed, now=NOW, days=6, jobs=60)


def scan_of(site: Site, folder: Path) -> ScanReport:
    """The scan of its newest nightly."""
    return asyncio.run(_scanned(site, folder))


def texts(scan: ScanReport) -> dict[str, str]:
    """Every report on a scan, and its page."""
    page = text(scan_page(scan), paint=Paint(colour=False), width=WIDTH)
    return {"page": page, **{form: report(scan, form) for form in get_args(Format)}}


def path_of(seed: int, form: str) -> Path:
    return FOLDER / f"{seed}.{form}.txt"


async def _scanned(site: Site, folder: Path) -> ScanReport:
    cache = Path(samples.settings(folder)["cache"])
    services = Clockwork(Folders(cache=cache, state=folder, work=folder))
    settings = Settings(**settings_of(site)["buildkite"])
    ref = BuildRef("vllm", "ci", int(site.world.nightlies[-1]))
    async with opened(settings, services) as source:
        call = RunningCall(None, anyio.CapacityLimiter(4))
        return (await Scanner(source, call).scan(ref)).report


def main() -> int:
    """Say which reports have changed, or with ``--update`` write them."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--update", action="store_true", help="write them")
    update = arguments.parse_args().update
    changed = 0
    for seed in SEEDS:
        with site_of(seed) as site, tempfile.TemporaryDirectory() as folder:
            made = texts(scan_of(site, Path(folder)))
        for form, said in made.items():
            path = path_of(seed, form)
            if path.exists() and path.read_text() == said:
                continue
            changed += 1
            sys.stdout.write(f"{'wrote' if update else 'changed'}: {path.name}\n")
            if update:
                path.write_text(said)
    return int(bool(changed) and not update)


if __name__ == "__main__":
    sys.exit(main())
