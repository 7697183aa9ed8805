"""How long ``sickbay explain`` of a 100 kB log takes, as a whole process.

It is set against ``python -c pass`` in the same run, taken in turns, because the speed
of a shared machine changes from minute to minute.
"""

from __future__ import annotations

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
EXAMPLE = Path(__file__).resolve().parent.parent / "docs" / "examples" / "failed.log"


def main() -> int:
    """Print the table; the status says whether the ratio is as it must be."""
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
    print(f"{'median of ' + str(ROUNDS):<28}{'seconds':>9}{'ratio':>8}")
    for name, seconds in medians.items():
        print(f"{name:<28}{seconds:>9.3f}{seconds / bare:>7.1f}x")
    ratio = medians["sickbay explain (100 kB)"] / bare
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


def _medians(rivals: dict[str, Sequence[str | Path]]) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in rivals}
    for command in rivals.values():  # the first run fills the caches
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    for _ in range(ROUNDS):
        for name, command in rivals.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


if __name__ == "__main__":
    sys.exit(main())
