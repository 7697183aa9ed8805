"""The logs of the simulated jobs, as Buildkite keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sickbay.simulators.buildkite import chores, envelope, suites
from sickbay.simulators.buildkite.filler import filler
from sickbay.simulators.buildkite.suites.records import MORE, plain
from sickbay.simulators.chance import chance, odds

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_TESTS = frozenset({"registry", "pypi", "git"})
"""Ways in which a job does not get as far as its tests."""
KILLED = frozenset({"lost", "oom_killed", "hang"})
MINUTE_S, HOUR_S = 60, 3600
SETUP = 0.05
"""Share of its time that a job gets ready in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What the log of one attempt of a job has to tell.

    Attributes:
        command: Of the step.
        suite: Key of the tests that it runs.
        way: Key of the way in which they fail: ``passed`` if they do not.
        seed: Of the numbers in it.
        finished: None while it runs; the log ends somewhere then.
        state: Buildkite's word: ``passed``, ``failed``, ``timed_out``, ``canceled``.
    """

    name: str
    command: str
    host: str
    agent: str
    queue: str
    suite: str
    way: str
    seed: int | str
    started: float
    finished: float | None
    state: str
    exit_status: int | None
    signal: str | None
    signal_reason: str | None
    commit: str
    organization: str
    pipeline: str
    number: int

    @property
    def docker(self) -> bool:
        """Whether its command runs in docker; in a pod of Kubernetes otherwise."""
        return odds("docker", self.host) < 2 / 3

    @property
    def took(self) -> float:
        """Seconds, so far as is known."""
        return (self.finished or self.started + HOUR_S) - self.started


def text(run: Run, size: int = 0) -> bytes:
    """The whole log of an attempt.

    Args:
        run: The attempt.
        size: At least so many bytes, by lines that do no harm.
    """
    head = _stamped(_opening(run), run.started, run.took * SETUP)
    if run.way in NO_TESTS:
        return head + _stamped(_ending(run), run.started + run.took, 0)
    before, after = _body(run)
    middle, end = run.started + run.took * SETUP, run.started + run.took
    half = run.took / 2
    start = _stamped(before, middle, half / 10)
    more = filler(size, middle + half / 5, half / 2) if size else b""
    rest = _stamped(after, middle + half, half / 2)
    return b"".join((head, start, more, rest, _stamped(_ending(run), end, 0)))


def junit(run: Run) -> bytes | None:
    """The JUnit file of the same attempt; None if it left none."""
    if run.way in KILLED or run.finished is None:
        return None
    return suites.junit(run.suite, run.way, run.seed)


def _body(run: Run) -> tuple[list[str], list[str]]:
    """What the tests say, until where they may say more and from there on."""
    if not run.suite:
        return [], chores.lines(run)
    way = "passed" if run.way == "lost" else run.way
    clock = envelope.clock(run.started + run.took * SETUP)
    known = suites.lines(run.suite, way, run.seed, took=duration(run.took), clock=clock)
    said = list(known)
    if run.way == "lost" or run.finished is None:
        said = _cut(run, said)
    place = said.index(MORE) if MORE in said else len(said)
    lines = [f"{plain(x)}\r\n" if run.docker else f"{x}\r\r\n" for x in said]
    return lines[:place], lines[place + 1 :]


def _cut(run: Run, said: list[str]) -> list[str]:
    """The lines until one within the tests."""
    first = said.index(MORE) + 1 if MORE in said else len(said) // 2
    last = max(first, len(said) - 4)
    return said[: chance("cut", run.seed, run.host).randint(first, last)]


def _opening(run: Run) -> Iterable[str]:
    yield from envelope.checkout(run)
    yield from envelope.failure(run)
    if run.way not in NO_TESTS:
        yield from envelope.commands(run)


def _ending(run: Run) -> Iterable[str]:
    if run.way == "lost" or run.finished is None or run.signal_reason == "agent_stop":
        return ()
    return envelope.ending(run)


def _stamped(lines: Iterable[str], at: float, span: float) -> bytes:
    """Lines with their times, spread over a span of seconds."""
    known = list(lines)
    step = 1000 * span / max(1, len(known))
    start = 1000 * at
    return "".join(
        f"\x1b_bk;t={int(start + place * step)}\x07{line}"
        for place, line in enumerate(known)
    ).encode()


def duration(seconds: float) -> str:
    """As pytest tells it: ``12.30s``, ``754.00s (0:12:34)``."""
    if seconds < MINUTE_S:
        return f"{seconds:.2f}s"
    whole = int(seconds)
    hours, rest = divmod(whole, HOUR_S)
    minutes, left = divmod(rest, MINUTE_S)
    return f"{seconds:.2f}s ({hours}:{minutes:02}:{left:02})"
