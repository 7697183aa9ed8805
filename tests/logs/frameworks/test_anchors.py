"""The scan of all anchors at once finds each line that its pattern alone matches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.logs.frameworks.samples import DATA, anchors_only, read

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = [
    pytest.param(path, id=f"{path.parent.name}-{path.stem}")
    for path in sorted(DATA.rglob("*.log"))
    if b"\x1b" not in path.read_bytes()  # what is cleaned away is tested elsewhere
]


@pytest.mark.parametrize("path", SAMPLES)
def test_no_anchor_is_missed_among_the_others(path: Path) -> None:
    log = read(path.read_bytes())
    in_runs = {n for runs in log.marks.runs.values() for run in runs for n in run}
    missed = [
        (anchor.name, number)
        for anchor in anchors_only().anchors
        if not anchor.name.startswith("drop.")
        for pattern in [re.compile(anchor.pattern.encode())]
        for number in range(1, log.lines.total + 1)
        if pattern.search(log.lines.raw(number) or b"")
        and number not in set(log.marks.at(anchor.name))
        and not (anchor.apart and number in in_runs)
    ]
    assert not missed
