from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.clients.site import Site, served

if TYPE_CHECKING:
    from collections.abc import Iterator

REAL = (
    Path(os.environ.get("SICKBAY_DATA", "../shared/data"))
    / "hud/hud_response_real_2025-03-07_full.json"
)


@pytest.fixture
def site() -> Iterator[Site]:
    """A host that answers what a test says."""
    with served() as here:
        yield here


@pytest.fixture(scope="session")
def real_page() -> bytes:
    """A page of the trunk as HUD sent it on a day in 2025."""
    if not REAL.exists():
        pytest.skip(f"{REAL} is not there")
    return REAL.read_bytes()


@pytest.fixture(scope="session")
def real_json(real_page: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(real_page)
    return found
