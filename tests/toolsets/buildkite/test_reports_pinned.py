from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sickbay.render.plain import columns
from tests.toolsets.buildkite.reported import (
    SEEDS,
    WIDTH,
    path_of,
    scan_of,
    site_of,
    texts,
)
from tests.toolsets.buildkite.stand import CANARY

if TYPE_CHECKING:
    from pathlib import Path

HEIGHT = 45
"""Lines of a screen."""


@pytest.mark.parametrize("seed", SEEDS)
def test_reports_on_simulated_nightlies_are_as_they_were(
    seed: int, tmp_path: Path
) -> None:
    with site_of(seed) as site:
        scan = scan_of(site, tmp_path)
        number = site.world.nightlies[-1]
        path = f"{site.builds(number)}?include_retried_jobs=true"
        jobs = {job["id"] for job in site.get(path, token=CANARY).json()["jobs"]}
    made = texts(scan)
    for form, said in made.items():
        assert said == path_of(seed, form).read_text(), (
            f"{form}: if it is better now, run"
            " python -m tests.toolsets.buildkite.reported --update"
        )
    linked = set(re.findall(rf"/builds/{number}#([0-9a-f-]+)", "".join(made.values())))
    assert linked <= jobs
    assert bool(linked) == bool(scan.causes or scan.passed_on_retry)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_of_a_bad_night_fits_on_a_screen(seed: int) -> None:
    rows = path_of(seed, "page").read_text().splitlines()
    assert len(rows) <= HEIGHT
    assert all(columns(row) <= WIDTH for row in rows)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stand_up_is_one_to_three_lines(seed: int) -> None:
    assert 1 <= len(path_of(seed, "standup").read_text().splitlines()) <= 3
