from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolsets.history.stand import Stand, filled
from tests.toolsets.history.stories import BREAKS, STORIES, told

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of forty builds of the trunk and six of a branch; nobody changes it."""
    records = [
        *told(STORIES),
        *told(STORIES, builds=6, branch="topic", first=100),
    ]
    return filled(tmp_path_factory.mktemp("kept") / "history", records)


@pytest.fixture(scope="session")
def thin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of a CI that names the tests that failed, and no others."""
    records = told([BREAKS, *STORIES[3:]], listing="failed")
    return filled(tmp_path_factory.mktemp("thin") / "history", records)


@pytest.fixture
def stand(tmp_path: Path, store: Path) -> Stand:
    return Stand(tmp_path, store)
