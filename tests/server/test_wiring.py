from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.core.errors import NotFound, TimedOut, Unavailable
from sickbay.core.manifest import Toolset
from sickbay.core.services import Folders, LogSource
from sickbay.server import wiring
from sickbay.server.wiring import Wiring

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path


@dataclass
class Events:
    said: list[str] = field(default_factory=list)
    fail: bool = False
    stuck: bool = False
    fail_to_close: bool = False


EVENTS = Events()


@asynccontextmanager
async def logs(settings: Any, _services: Any) -> AsyncIterator[str]:  # noqa: ANN401 - any
    """A source that provides, and may fail."""
    if EVENTS.stuck:
        EVENTS.said.append("waits")
        await asyncio.Event().wait()
    if EVENTS.fail:
        raise Unavailable("no answer")
    EVENTS.said.append("logs opened")
    opener = asyncio.current_task()
    yield f"logs {settings.hosts}"
    assert asyncio.current_task() is opener
    EVENTS.said.append("logs closed")
    if EVENTS.fail_to_close:
        raise Unavailable("cannot close")


@asynccontextmanager
async def wanter(_settings: Any, services: Any) -> AsyncIterator[Any]:  # noqa: ANN401 - any
    """A source that wants what the other provides."""
    found = await services.find(LogSource)
    EVENTS.said.append("wanter opened")
    yield found
    EVENTS.said.append("wanter closed")


@asynccontextmanager
async def alone(_settings: Any, _services: Any) -> AsyncIterator[str]:  # noqa: ANN401 - any
    """A source that needs nobody."""
    yield "alone"


HERE = __name__
PROVIDER = Toolset(
    name="logs", summary="", tools="", source=f"{HERE}:logs", provides=(LogSource,)
)
WANTER = Toolset(name="hud", summary="", tools="", source=f"{HERE}:wanter")
ALONE = Toolset(name="alone", summary="", tools="", source=f"{HERE}:alone")


@dataclass
class Section:
    hosts: int = 3


@dataclass
class Settings:
    logs: Section = field(default_factory=Section)


def ran(folder: Path, ask: Callable[[Wiring], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever was asked
    EVENTS.said = []

    async def run() -> Any:  # noqa: ANN401 - see above
        folders = Folders(cache=folder, state=folder, work=folder)
        built = Wiring([PROVIDER, WANTER, ALONE], Settings(), folders)
        async with built.running():
            return await ask(built)

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def calm() -> None:
    EVENTS.fail = EVENTS.stuck = EVENTS.fail_to_close = False


def test_a_source_is_opened_once_when_it_is_first_needed(tmp_path: Path) -> None:
    async def ask(built: Wiring) -> Any:  # noqa: ANN401 - a source
        assert EVENTS.said == []
        return await asyncio.gather(*(built.of("logs") for _ in range(5)))

    assert ran(tmp_path, ask) == ["logs 3"] * 5
    assert EVENTS.said == ["logs opened", "logs closed"]


def test_who_wants_something_gets_it_opened(tmp_path: Path) -> None:
    assert ran(tmp_path, lambda built: built.of("hud")) == ("logs 3",)
    assert EVENTS.said[:2] == ["logs opened", "wanter opened"]
    assert set(EVENTS.said[2:]) == {"logs closed", "wanter closed"}


def test_a_source_that_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    async def ask(built: Wiring) -> Any:  # noqa: ANN401 - a source
        EVENTS.fail = True
        with pytest.raises(Unavailable, match="no answer"):
            await built.of("logs")
        EVENTS.fail = False
        return await built.of("logs")

    assert ran(tmp_path, ask) == "logs 3"


def test_a_source_that_hangs_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "OPEN_S", 0.05)
    EVENTS.stuck = True

    async def ask(built: Wiring) -> Any:  # noqa: ANN401 - a source
        with pytest.raises(TimedOut, match="logs is not ready"):
            await built.of("logs")
        return await built.of("alone")

    assert ran(tmp_path, ask) == "alone"


def test_a_caller_who_gives_up_does_not_close_the_door_for_others(
    tmp_path: Path,
) -> None:
    async def ask(built: Wiring) -> Any:  # noqa: ANN401 - a source
        first = asyncio.ensure_future(built.of("logs"))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(built.of("logs"))
        first.cancel()
        return await second

    assert ran(tmp_path, ask) == "logs 3"


def test_a_source_that_cannot_be_closed_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    EVENTS.fail_to_close = True
    with caplog.at_level(logging.WARNING):
        assert ran(tmp_path, lambda built: built.of("logs")) == "logs 3"
    assert "logs did not close" in caplog.text


def test_nothing_is_opened_by_a_server_that_does_not_run(tmp_path: Path) -> None:
    folders = Folders(cache=tmp_path, state=tmp_path, work=tmp_path)
    built = Wiring([PROVIDER], Settings(), folders)
    with pytest.raises(RuntimeError, match="does not run"):
        asyncio.run(built.of("logs"))
    assert built.now().tzinfo is UTC


def test_a_tool_that_there_is_not_cannot_be_called(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no tool logs_sing"):
        ran(tmp_path, lambda built: built.tools.call("logs_sing", {}))
