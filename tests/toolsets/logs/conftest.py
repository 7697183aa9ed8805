from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolsets.logs.desk import Desk
from tests.toolsets.logs.samples import failing_log, github_log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A server whose working directory holds a few logs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pytest.log").write_text(failing_log(3))
    (tmp_path / "steps.log").write_text(github_log(4))
    (tmp_path / "passed.log").write_text("the build works\nall is well\n")
    return Desk(tmp_path)
