from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.clients.site import Site as Written
from tests.clients.site import served
from tests.simulators.buildkite import Site, buildkite_at

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def site() -> Iterator[Site]:
    """A simulated Buildkite."""
    with buildkite_at() as here:
        yield here


@pytest.fixture
def written() -> Iterator[Written]:
    """A host that answers what a test says."""
    with served() as here:
        yield here
