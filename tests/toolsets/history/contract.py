"""The cases of the ``history`` toolset."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tests.contract.cases import Contract
from tests.toolsets.history.cases import CASES, KEPT
from tests.toolsets.history.stand import filled, settings_of
from tests.toolsets.history.stories import told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CANARY = "canary-3b8e11-history"


def prepare(folder: Path) -> Mapping[str, Any]:
    """Fill a history."""
    records = [*told(KEPT), *told(KEPT, builds=6, branch="topic", first=100)]
    with ThreadPoolExecutor(1) as pool:  # a loop runs here already
        store = pool.submit(filled, folder / ".kept" / "history", records).result()
    return settings_of(store, github_token=CANARY)


CONTRACT = Contract(prepare=prepare, canaries=(CANARY,), cases=CASES)
