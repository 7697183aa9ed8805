"""A coverage-guided fuzzer of the log engine: ``make fuzz``.

Logs are cut up, shuffled and broken; what reaches new code is kept and broken further.
Whatever comes in, there must be a report, soon, the same one however the bytes are cut
into chunks, and its page must hold no control character.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
import traceback
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sickbay.logs.catalogue import catalogue
from sickbay.logs.explain import explain
from sickbay.logs.keep import Limits
from sickbay.logs.scan import Scanner
from sickbay.toolsets.logs import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.report import Report

HERE = Path(__file__).resolve().parent
SEEDS = (HERE / "data", HERE.parent / "docs" / "examples")
ENGINE = str(Path(sys.modules[explain.__module__].__file__ or "").parent)
MAX_INPUT = 6000
SLOW_S = 2.0
SMALL = Limits(
    block=512, max_line=2048, whole=2048, windows=2048, tail=512, kept_line=1024
)
TOKENS = (
    *(
        b"\x1b[31m",
        b"\x1b[2K\r",
        b"\x1b[3A",
        b"\x1b]0;",
        b"\x1b_bk;t=1783974785649\x07",
    ),
    *(b"\r", b"\n", b"\r\n", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80"),
    *(b"2026-01-01T00:00:00.0000000Z ", b"[2026-01-01T00:00:00Z] ", b"\xef\xbb\xbf"),
    *(b"##[group]", b"##[endgroup]\n", b"##[error]", b"section_start:1:a\r\x1b[0K"),
    *(b"travis_fold:start:a\r", b"+++ a\n", b"[Pipeline] { (a)\n", b"--- FAIL: a\n"),
    *(b"FAILED a::b - c\n", b"E   ", b"____ a ____\n", b"==== 1 failed in 1s ====\n"),
    *(b"Traceback (most recent call last):\n", b'  File "a.py", line 1, in b\n'),
    *(b"Segmentation fault\n", b"exited with status 139\n", b" " * 300, b"=" * 80),
)


@dataclass(slots=True)
class Fuzzer:
    """Breaks logs until its time is over.

    Args:
        random: Where chance comes from; a seed makes a run repeatable.
        deadline: When to stop, on the clock of ``time.monotonic``.
    """

    random: random.Random
    deadline: float
    corpus: list[bytes] = field(default_factory=list)
    covered: set[tuple[str, int, int]] = field(default_factory=set)
    findings: dict[str, bytes] = field(default_factory=dict)
    tried: int = 0

    def run(self, seeds: Sequence[bytes]) -> None:
        """Try the seeds, then break what is most promising."""
        for seed in seeds:
            if not self._try(seed):
                return
        while self._try(self._broken()):
            pass

    def _try(self, data: bytes) -> bool:
        if time.monotonic() > self.deadline:
            return False
        self.tried += 1
        start = time.process_time()
        try:
            edges, report = traced(lambda: explained(data, [len(data)]))
            start = time.process_time()
            self._check(data, report)
        except Exception:  # noqa: BLE001 - any exception is a finding
            self._found(traceback.format_exc(), data)
            return True
        if time.process_time() - start > SLOW_S:
            self._found(f"slow: more than {SLOW_S} s", data)
        if not edges <= self.covered:
            self.covered |= edges
            self.corpus.append(data)
        return True

    def _check(self, data: bytes, report: Report) -> None:
        cuts = [self.random.randint(1, 700) for _ in range(len(data) // 300 + 1)]
        assert explained(data, cuts) == report, f"depends on chunks {cuts}"
        json.dumps(report.to_dict(), allow_nan=False).encode()
        render.markdown(report).encode()
        page = render.text(report, width=self.random.randint(0, 130))
        hidden = {c for c in page.replace("\n", "") if c < " " or "\x7f" <= c < "\xa0"}
        assert not hidden, f"the page holds {hidden}"

    def _found(self, what: str, data: bytes) -> None:
        """Keep the first log of each kind of finding."""
        where = [row for row in what.splitlines() if row.startswith("  File")]
        kind = where[-1] if where else what
        if kind in self.findings:
            return
        self.findings[kind] = data
        folder = Path(".fuzz")
        folder.mkdir(exist_ok=True)
        name = folder / f"{hashlib.sha256(data).hexdigest()[:12]}.log"
        name.write_bytes(data)
        sys.stdout.write(f"{name}\n{what}\n")

    def _broken(self) -> bytes:
        data = bytearray(self.random.choice(self.corpus or [b""]))
        for _ in range(self.random.choice((1, 1, 2, 4, 8))):
            self.random.choice(MUTATIONS)(self, data)
        return bytes(data[:MAX_INPUT])

    def flip(self, data: bytearray) -> None:
        """Change one byte."""
        if data:
            data[self._place(data)] = self.random.randrange(256)

    def insert(self, data: bytearray) -> None:
        """Put a token where it does not belong."""
        place = self._place(data)
        data[place:place] = self.random.choice(TOKENS) * self.random.choice((1, 1, 9))

    def cut(self, data: bytearray) -> None:
        """Lose a stretch."""
        place = self._place(data)
        del data[place : place + self.random.choice((1, 10, 100, 1000))]

    def repeat(self, data: bytearray) -> None:
        """Say a stretch several times."""
        place = self._place(data)
        piece = data[place : place + self.random.choice((1, 10, 100))]
        data[place:place] = piece * self.random.choice((1, 3, 30))

    def shuffle(self, data: bytearray) -> None:
        """Put the lines in another order."""
        rows = bytes(data).split(b"\n")
        self.random.shuffle(rows)
        data[:] = b"\n".join(rows)

    def splice(self, data: bytearray) -> None:
        """Go on with another log."""
        other = self.random.choice(self.corpus or [b""])
        data[self._place(data) :] = other[self._place(other) :]

    def _place(self, data: bytes | bytearray) -> int:
        return self.random.randrange(max(len(data), 1))


MUTATIONS: tuple[Callable[[Fuzzer, bytearray], None], ...] = (
    Fuzzer.flip,
    Fuzzer.insert,
    Fuzzer.insert,
    Fuzzer.cut,
    Fuzzer.repeat,
    Fuzzer.shuffle,
    Fuzzer.splice,
)


@cache
def everything() -> Catalogue:
    """All rules and readers, compiled once."""
    wanted = catalogue()
    list(wanted.engine.scan(b"\n"))
    return wanted


def explained(data: bytes, cuts: Sequence[int]) -> Report:
    """The report of a log fed in chunks of these sizes, the last one for the rest."""
    scanner = Scanner(everything(), source="fuzz", limits=SMALL)
    start = 0
    for size in cuts:
        scanner.feed(data[start : start + size])
        start += size
    scanner.feed(data[start:])
    return explain(scanner.finish())


def traced(call: Callable[[], Report]) -> tuple[set[tuple[str, int, int]], Report]:
    """The steps from line to line that a call takes within the engine."""
    edges: set[tuple[str, int, int]] = set()

    def enter(frame: FrameType, _event: str, _value: object) -> Any:  # noqa: ANN401 - as sys.settrace wants it
        name = frame.f_code.co_filename
        if not name.startswith(ENGINE):
            return None
        before = 0

        def step(frame: FrameType, event: str, _value: object) -> Any:  # noqa: ANN401 - same
            nonlocal before
            if event == "line":
                edges.add((name, before, frame.f_lineno))
                before = frame.f_lineno
            return step

        return step

    sys.settrace(enter)
    try:
        report = call()
    finally:
        sys.settrace(None)
    return edges, report


def seeds() -> Iterator[bytes]:
    """The beginning, a middle and the end of every log that the tests have."""
    for folder in SEEDS:
        for path in sorted(folder.rglob("*.log")):
            data = path.read_bytes()
            middle = max(len(data) // 2 - MAX_INPUT // 2, 0)
            starts = {0, middle, max(len(data) - MAX_INPUT, 0)}
            yield from (data[start : start + MAX_INPUT] for start in sorted(starts))


def main() -> int:
    """Fuzz, and say what was found; the status is 1 if anything was."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60)
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    wanted = arguments.parse_args()
    chance = random.Random(wanted.seed)  # noqa: S311 - chance, not secrets
    first = list(seeds())
    everything()
    chance.shuffle(first)
    fuzzer = Fuzzer(chance, time.monotonic() + wanted.seconds)
    fuzzer.run(first)
    sys.stdout.write(
        f"seed {wanted.seed}: {fuzzer.tried} logs tried, {len(fuzzer.corpus)} kept, "
        f"{len(fuzzer.covered)} steps covered, {len(fuzzer.findings)} findings\n"
    )
    return int(bool(fuzzer.findings))


if __name__ == "__main__":
    sys.exit(main())
