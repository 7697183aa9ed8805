from __future__ import annotations

import struct
import sys
from typing import TYPE_CHECKING

import pytest

from sickbay.ci.models import Grid
from sickbay.core.errors import NotFound, Unsupported
from sickbay.toolsets.hud.render.picture import png
from tests.ci.drawn import grid

if TYPE_CHECKING:
    from pathlib import Path

LANES = {
    "Lint / lintrunner": "OXF.",
    "pull / linux / test (default, 1, 1, linux)": "O?XC",
    "pull / linux $x^2 / build": "OOOO",
}


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


def test_the_picture_grows_with_the_commits() -> None:
    pytest.importorskip("matplotlib")
    small = size(png(grid(LANES), title="main"))
    large = size(png(grid({n: s * 10 for n, s in LANES.items()}), title="main"))
    assert large[1] > small[1] + 500
    assert large[0] == small[0]


def test_a_job_is_a_column_where_that_is_asked_for() -> None:
    pytest.importorskip("matplotlib")
    many = {f"pull / linux / test (default, {n}, 40, linux)": "OX" for n in range(40)}
    by_job = size(png(grid(many), title="main of $\\oops$", jobs=True))
    assert by_job[0] > size(png(grid(many), title="main"))[0] + 500


def test_jobs_that_never_failed_are_left_out() -> None:
    pytest.importorskip("matplotlib")
    quiet = {f"pull / linux / test (default, {n}, 40, linux)": "OO" for n in range(40)}
    loud = {"pull / mac / build": "XX"}
    few = size(png(grid({**quiet, **loud}), title="main", jobs=True))
    assert few == size(png(grid(loud), title="main", jobs=True))
    with pytest.raises(NotFound, match="no job failed"):
        png(grid(quiet), title="main", jobs=True)


def test_nothing_to_draw_is_told() -> None:
    with pytest.raises(NotFound, match="nothing to draw"):
        png(Grid(), title="main")


def test_without_the_package_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(Unsupported) as told:
        png(grid(LANES), title=str(tmp_path))
    assert "sickbay[plots]" in told.value.hint
