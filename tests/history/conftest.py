from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from tests.history.clickhouse.double import Double, running
from tests.history.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def double(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Double]:
    """ClickHouse's engine behind HTTP; every test has a database of its own there."""
    pytest.importorskip("chdb", reason="make test-clickhouse installs chdb")
    with running(tmp_path_factory.mktemp("clickhouse")) as there:
        yield there


@pytest.fixture
def in_clickhouse(double: Double, tmp_path: Path) -> Place:
    return Place(folder=tmp_path, database=f"t_{uuid.uuid4().hex}", double=double)


@pytest.fixture
def in_folder(tmp_path: Path) -> Place:
    return Place(folder=tmp_path / "history", database="")


@pytest.fixture(
    params=["folder", pytest.param("clickhouse", marks=pytest.mark.clickhouse)]
)
def place(request: pytest.FixtureRequest) -> Place:
    """Each place in turn: what is true of a history is true of all."""
    found: Place = request.getfixturevalue(f"in_{request.param}")
    return found
