"""How long ``sickbay explain`` of a 100 kB log takes, as a whole process.

It is set against ``python -c pass`` in the same run, taken in turns, because the speed
of a shared machine changes from minute to minute.
"""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 25
LOG_BYTES = 100_000
MUST = 20.0
ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "sickbay"
EXAMPLE = ROOT / "docs" / "examples" / "failed.log"


def main() -> int:
    """Print the table; the status says whether the ratio is as it must be."""
    compileall.compile_dir(PACKAGE, quiet=1)  # as it is where it is installed
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "job.log"
        log.write_bytes(_log())
        rivals: dict[str, Sequence[str | Path]] = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "sickbay --version": [sys.executable, "-m", "sickbay", "--version"],
            "sickbay explain (100 kB)": [
                sys.executable,
                "-m",
                "sickbay",
                "explain",
                log,
            ],
            "... --format json": [
                *(sys.executable, "-m", "sickbay", "explain", log),
                *("--format", "json"),
            ],
        }
        medians = _medians(rivals)
    bare = medians["python -c pass"]
    print(f"{'median of ' + str(ROUNDS):<28}{'seconds':>9}{'ratio':>8}{'cpu s':>9}")
    for name, (wall, cpu) in medians.items():
        print(f"{name:<28}{wall:>9.3f}{wall / bare[0]:>7.1f}x{cpu:>9.3f}")
    ratio = medians["sickbay explain (100 kB)"][0] / bare[0]
    print(f"must be at most {MUST:.0f}x: {'yes' if ratio <= MUST else 'NO'}")
    return int(ratio > MUST)


def _log() -> bytes:
    """A log of the wanted size: a real one, with passing lines in front of it."""
    failed = EXAMPLE.read_bytes()
    line = (
        b"2026-01-01T00:00:00.0000000Z tests/test_ward_%d.py::test_bed PASSED [ 10%%]\n"
    )
    passing: list[bytes] = []
    size = len(failed)
    while size < LOG_BYTES:
        passing.append(line % len(passing))
        size += len(passing[-1])
    return b"".join(passing) + failed


def _medians(
    rivals: dict[str, Sequence[str | Path]],
) -> dict[str, tuple[float, float]]:
    """Median wall and processor seconds of each command."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in rivals}
    for command in rivals.values():  # the first run fills the caches
        _seconds(command)
    for _ in range(ROUNDS):
        for name, command in rivals.items():
            taken[name].append(_seconds(command))
    return {
        name: (
            statistics.median(wall for wall, _ in times),
            statistics.median(cpu for _, cpu in times),
        )
        for name, times in taken.items()
    }


def _seconds(command: Sequence[str | Path]) -> tuple[float, float]:
    start, before = time.perf_counter(), os.times()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, os.times()
    user = after.children_user - before.children_user
    return wall, user + after.children_system - before.children_system


if __name__ == "__main__":
    sys.exit(main())
