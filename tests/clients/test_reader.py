from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio

from sickbay.clients.logcache import LogCache
from sickbay.clients.logstore import LogStore
from sickbay.clients.reader import Reader
from sickbay.clients.reports import Reports
from sickbay.clients.roots import Roots
from sickbay.clients.rulebook import Rulebook
from sickbay.core.errors import NotFound, SickbayError
from sickbay.logs.report import Report
from sickbay.server.call import RunningCall
from tests.clients.test_logstore import Shelf
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Found = tuple[str, Report | SickbayError]
LOG = samples.failing_log(2).encode()


def read(folder: Path, shelf: Shelf, names: Iterable[str]) -> list[Found]:
    samples_folder = folder / "made"
    if not samples_folder.exists():
        samples.settings(samples_folder)
    cache = samples_folder / "cache"
    logs = LogCache(cache / "logs", max_bytes=1 << 20)
    store = LogStore(Roots([logs.folder]), logs, sources=[shelf])

    async def work() -> list[Found]:
        call = RunningCall(None, anyio.CapacityLimiter(1), lambda data: data)
        reader = Reader(store, Rulebook(cache), Reports(cache / "reports"), call)
        return [item async for item in reader.each(names)]

    return asyncio.run(work())


def test_logs_are_explained_in_the_order_in_which_they_were_named(
    tmp_path: Path,
) -> None:
    shelf = Shelf({"shelf:1": [LOG], "shelf:2": [LOG]})
    found = dict(read(tmp_path, shelf, ["shelf:2", "shelf:1"]))
    assert list(found) == ["shelf:2", "shelf:1"]
    for name, report in found.items():
        assert isinstance(report, Report)
        assert report.source == name
        assert len(report.tests.failed) == 2


def test_a_log_that_is_not_to_be_had_does_not_hide_the_others(tmp_path: Path) -> None:
    shelf = Shelf({"shelf:2": [LOG]})
    (_, missing), (_, there) = read(tmp_path, shelf, ["shelf:1", "shelf:2"])
    assert isinstance(missing, NotFound)
    assert isinstance(missing, SickbayError)
    assert isinstance(there, Report)


def test_a_log_is_explained_once_also_for_the_next_process(tmp_path: Path) -> None:
    shelf = Shelf({"shelf:1": [LOG]})
    (first,) = read(tmp_path, shelf, ["shelf:1"])
    (again,) = read(tmp_path, shelf, ["shelf:1"])
    assert first == again
    assert shelf.asked == ["shelf:1"]
