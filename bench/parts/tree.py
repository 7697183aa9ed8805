"""How much memory a process and all that it starts hold together."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KB_PER_MB = 1024
EVERY_S = 0.05


class Peak:
    """The most memory that was seen; pages that processes share count once."""

    def __init__(self) -> None:
        self.mb = 0.0

    def look(self, pid: int) -> None:
        """Look at a process and its descendants now."""
        held = sum(_held_kb(one) for one in descendants(pid))
        self.mb = max(self.mb, held / KB_PER_MB)


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """The peak of a process that runs until the end of the block."""
    peak, over = Peak(), threading.Event()

    def watch() -> None:
        while not over.wait(EVERY_S):
            peak.look(pid)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def descendants(pid: int) -> Iterator[int]:
    """A process, what it started, and what that started."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _text(children).split():
            yield from descendants(int(child))


def _held_kb(pid: int) -> int:
    lines = _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""
