from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import Unavailable
from sickbay.server.ledger import KEPT_S, Ledger

if TYPE_CHECKING:
    from pathlib import Path


def test_an_answer_is_good_once_whoever_asks(tmp_path: Path) -> None:
    folder = tmp_path / "used"
    with ThreadPoolExecutor(8) as pool:
        used = list(pool.map(lambda _: Ledger(folder).use("a"), range(64)))
    assert sum(used) == 1
    assert Ledger(folder).use("b")


def test_answers_are_forgotten_once_no_seal_vouches_for_them(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    assert ledger.use("old")
    long_ago = time.time() - KEPT_S - 1
    os.utime(tmp_path / "old", (long_ago, long_ago))
    assert ledger.use("new")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_an_answer_that_cannot_be_noted_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "used").write_text("a file")
    with pytest.raises(Unavailable, match="cannot note") as caught:
        Ledger(tmp_path / "used").use("a")
    assert "SICKBAY_STATE" in caught.value.hint
