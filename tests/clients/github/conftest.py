from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients.github.hub import Hub, hub

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Hub]:
    """A GitHub that answers what a test says."""
    with hub() as here:
        yield here
