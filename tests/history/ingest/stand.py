"""What the tests of ingestion share: JUnit files made by hand, and simulated CIs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
from platformdirs import user_cache_path

from sickbay.clients.store import FileCache
from sickbay.core.services import Folders
from sickbay.history.ingest.files import found
from sickbay.history.ingest.junit import junit_build
from sickbay.history.ingest.place import Place
from sickbay.logs.catalogue import Catalogue, catalogue
from sickbay.server.call import RunningCall
from sickbay.toolsets.buildkite import settings as buildkite_settings
from sickbay.toolsets.buildkite import source as buildkite_source
from sickbay.toolsets.hud import settings as hud_settings
from sickbay.toolsets.hud import source as hud_source

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from sickbay.ci.records import BuildRecord
    from sickbay.ci.services import BuildSource
    from sickbay.history.face import History
    from tests.simulators.buildkite import Site
    from tests.simulators.hud import Hud

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
SHA = "0123456789abcdef0123456789abcdef01234567"


def at(**given: Any) -> Place:  # noqa: ANN401 - any of its fields
    """A build's place."""
    return Place(**{"commit": SHA, "pipeline": "acme/ci", "build": "77", **given})


def suite(*cases: str, name: str = "unit", **attributes: str) -> str:
    """A suite of a JUnit file."""
    more = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<testsuite name="{name}"{more}>{"".join(cases)}</testsuite>'


def case(
    name: str, inside: str = "", *, owner: str = "pkg.Class", time: str = "0.5"
) -> str:
    """A test of a suite."""
    return (
        f'<testcase classname="{owner}" name="{name}" time="{time}">{inside}</testcase>'
    )


FAILED = '<failure message="expected 1, got 2" type="AssertionError">at a.py</failure>'


def written(folder: Path, **files: str) -> Path:
    """A folder with JUnit files; ``__`` in a name is a slash."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<testsuites>{text}</testsuites>")
    return folder


def read(folder: Path, place: Place | None = None) -> BuildRecord:
    """The build that the JUnit files of a folder tell of."""
    files, _ = found([str(folder)], ".xml")
    return junit_build(files, place or at(), now=NOW).record


def rules() -> Catalogue:
    """What to look for in logs, compiled once for all tests."""
    return catalogue(cache=FileCache())


@dataclass(frozen=True)
class Services:
    """What a server hands to a toolset."""

    folder: Path
    writes: bool = False

    @property
    def folders(self) -> Folders:
        cache = self.folder / "cache"
        return Folders(cache=cache, state=self.folder / "state", work=self.folder)

    @property
    def tools(self) -> Any:  # noqa: ANN401 - nobody asks
        raise NotImplementedError

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def find(self, _wanted: object) -> tuple[Any, ...]:
        return ()


def services(folder: Path) -> Services:
    """The same, with compiled rules."""
    (folder / "cache").mkdir(parents=True, exist_ok=True)
    rules = folder / "cache" / "rules"
    if not rules.is_symlink():
        rules.symlink_to(user_cache_path("sickbay") / "rules")
    return Services(folder)


@asynccontextmanager
async def buildkite(folder: Path, site: Site) -> AsyncGenerator[BuildSource]:
    """The source of a simulated Buildkite."""
    settings = buildkite_settings.Settings(**site.settings()["buildkite"])
    async with buildkite_source.opened(settings, services(folder)) as source:
        yield source


@asynccontextmanager
async def hud(folder: Path, site: Hud) -> AsyncGenerator[BuildSource]:
    """The source of a simulated HUD."""
    settings = hud_settings.Settings(**site.settings()["hud"])
    async with hud_source.opened(settings, services(folder)) as source:
        yield source


def call() -> RunningCall:
    """A call of nobody's."""
    return RunningCall(None, anyio.CapacityLimiter(2))


async def rows(history: History, sql: str) -> list[dict[str, Any]]:
    """What a statement gives."""
    answer = await history.select(sql, max_rows=10_000, max_s=10, max_bytes=1 << 30)
    found: list[dict[str, Any]] = answer.table.to_pylist()
    return found
