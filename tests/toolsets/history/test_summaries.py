from __future__ import annotations

from typing import TYPE_CHECKING

from tests.toolsets.history.summaries import path_of, summaries

if TYPE_CHECKING:
    from pathlib import Path


def test_summaries_are_as_they_were(tmp_path: Path) -> None:
    for name, text in summaries(tmp_path).items():
        assert text == path_of(name).read_text(), (
            f"{name}: if it is better now, run"
            " python -m tests.toolsets.history.summaries --update"
        )
