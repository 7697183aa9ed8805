"""Builds drawn by chance, the same for the same seed: what tests fill histories with.

Tests that always pass, that are flaky, that broke and were mended; jobs in shards,
attempts, machines that died, logs that nobody read; names as hostile as they come.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sickbay.ci.records import BuildRecord, CauseRecord, JobRecord, ResultRecord
from sickbay.core.results import Skipped
from sickbay.history.rows import Batch, batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sickbay.ci.records import Listing
    from sickbay.logs.report import Outcome

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PIPELINES = ("acme/ci", "acme/nightly")
BRANCHES = ("main", "main", "main", "release/1.0")
VARIANTS = ("kernels", "models", 'caf\u00e9 \u6f22 it\'s "q"')
LISTINGS: dict[str, Listing] = dict(
    zip(VARIANTS, ("all", "failed", "all"), strict=True)
)
SHARDS = {"kernels": 2}
ODD_IDS = (
    't/test_odd.py::test[it\'s - "quoted"]',
    "t/test_odd.py::test[\u6f22\u5b57-\\xe9]",
    "t/test_odd.py::test[%_;--]",
)


@dataclass(frozen=True)
class Habit:
    """How a test behaves: fails by chance, and always in builds of a range."""

    test_id: str
    variants: Sequence[str]
    flaky: float = 0.0
    broken: range = range(0)
    skipped: bool = False


def drawn(seed: int, *, builds: int = 20, tests: int = 30) -> list[BuildRecord]:
    """Builds, the oldest first; some share a commit, some a moment."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret: it has to be repeatable
    habits = [_habit(chance, number, builds) for number in range(tests)]
    return [_build(chance, number, habits) for number in range(builds)]


def batches(records: Iterable[BuildRecord], *, per: int = 1) -> list[Batch]:
    """The rows of builds, some at a time; ingestions are numbered from 1."""
    ids = itertools.count(1)
    rest = iter(records)
    found = []
    while some := list(itertools.islice(rest, per)):
        found.append(batch(some, ids, NOW))
    return found


def _habit(chance: random.Random, number: int, builds: int) -> Habit:
    odd = number < len(ODD_IDS)
    name = ODD_IDS[number] if odd else f"t/test_{number % 7}.py::test_{number}"
    kind = chance.random()
    start = chance.randrange(builds)
    return Habit(
        test_id=name,
        variants=chance.sample(VARIANTS, chance.choice((1, 1, 2))),
        flaky=chance.uniform(0.05, 0.6) if kind < 0.3 else 0.0,
        broken=range(start, start + chance.randint(1, builds))
        if 0.3 <= kind < 0.5
        else range(0),
        skipped=kind > 0.95,
    )


def _build(chance: random.Random, number: int, habits: list[Habit]) -> BuildRecord:
    created = START + timedelta(hours=6 * number, microseconds=number)
    pipeline = PIPELINES[chance.random() < 0.2]
    jobs: list[JobRecord] = []
    results: list[ResultRecord] = []
    causes: list[CauseRecord] = []
    for variant in VARIANTS:
        for shard in range(SHARDS.get(variant, 1)):
            theirs = [h for h in habits if _runs(h, variant, shard)]
            _job(chance, number, (variant, shard), theirs, (jobs, results, causes))
    committed = START + timedelta(hours=6 * (number // 2 * 2))  # pairs share a moment
    return BuildRecord(
        build_id=f"buildkite:{pipeline}:{number + 1}",
        source="buildkite",
        pipeline=pipeline,
        number=str(number + 1),
        branch=chance.choice(BRANCHES),
        sha=f"{number // 2:040x}",
        title=f"{chance.choice(('Fix', 'Add'))} thing {number} (#{number})",
        author=chance.choice(("ann", "bob", None)),
        state="failed" if any(job.state == "fail" for job in jobs) else "passed",
        url=f"https://ci.example/{pipeline}/{number + 1}",
        pull_request=number if chance.random() < 0.5 else None,
        created_at=created,
        committed_at=committed if chance.random() < 0.7 else None,
        finished_at=created + timedelta(minutes=chance.randint(5, 90)),
        jobs=tuple(jobs),
        results=tuple(results),
        causes=tuple(causes),
        missing=(Skipped("a log", "it was gone"),) if number % 9 == 4 else (),
    )


def _runs(habit: Habit, variant: str, shard: int) -> bool:
    shards = SHARDS.get(variant, 1)
    return variant in habit.variants and len(habit.test_id) % shards == shard


def _job(
    chance: random.Random,
    number: int,
    place: tuple[str, int],
    habits: list[Habit],
    into: tuple[list[JobRecord], list[ResultRecord], list[CauseRecord]],
) -> None:
    """All attempts of a job: one that failed is sometimes tried again."""
    jobs, results, causes = into
    variant, shard = place
    if chance.random() < 0.05:
        return
    for attempt in (1, 2):
        job_id = f"{number + 1}/{variant}/{shard}/{attempt}"
        died = chance.random() < 0.05
        ended = [] if died else [_result(chance, number, h, job_id) for h in habits]
        failed = died or any(r.outcome in {"failed", "error"} for r in ended)
        again = attempt == 1 and failed and chance.random() < 0.5
        jobs.append(_record(chance, place, job_id, ended, died=died, again=again))
        if LISTINGS[variant] == "failed":
            ended = [result for result in ended if result.outcome != "passed"]
        results += ended
        causes += [_cause(chance, r) for r in ended if r.outcome in {"failed", "error"}]
        if died:
            causes.append(_death(job_id))
        if not again:
            return


def _result(
    chance: random.Random, number: int, habit: Habit, job_id: str
) -> ResultRecord:
    outcome: Outcome = "passed"
    if habit.skipped:
        outcome = "skipped"
    elif number in habit.broken:
        outcome = "failed"
    elif chance.random() < habit.flaky:
        outcome = chance.choice(("failed", "error", "rerun"))
    bad: dict[str, Any] = {}
    if outcome in {"failed", "error", "rerun"}:
        bad = {
            "signature": f"sig-{len(habit.test_id) % 5}-{outcome}",
            "exception": chance.choice(("AssertionError", None)),
            "message": chance.choice(("assert 1 == 2", "it's <b>\u6f22</b>", None)),
            "line": chance.randint(1, 10_000),
        }
    return ResultRecord(
        test_id=habit.test_id,
        job_id=job_id,
        outcome=outcome,
        attempts=2 if outcome == "rerun" else 1,
        duration_s=chance.choice((None, round(chance.uniform(0.01, 30), 3))),
        **bad,
    )


def _record(  # noqa: PLR0913 - what a job is made of
    chance: random.Random,
    place: tuple[str, int],
    job_id: str,
    ended: list[ResultRecord],
    *,
    died: bool,
    again: bool,
) -> JobRecord:
    variant, shard = place
    bad = sum(result.outcome in {"failed", "error"} for result in ended)
    shards = SHARDS.get(variant, 1)
    return JobRecord(
        job_id=job_id,
        name=f"{variant} {shard + 1}" if shards > 1 else variant,
        variant=variant,
        shard=shard if shards > 1 else None,
        attempt=int(job_id[-1]),
        last=not again,
        state="fail" if bad or died else "ok",
        exit_status=1 if bad else (None if died else 0),
        infra="the machine went away" if died else None,
        listing="none" if died else LISTINGS[variant],
        complete=not died,
        tests_run=None if died else len(ended),
        tests_failed=None if died else bad,
        duration_s=chance.uniform(60, 3600),
        host=f"gpu-{chance.randint(1, 4)}",
        log=f"log:{job_id}",
    )


def _cause(chance: random.Random, result: ResultRecord) -> CauseRecord:
    return CauseRecord(
        cause_id=f"cause-{result.signature}",
        job_id=result.job_id,
        text=result.message or "it failed",
        signature=result.signature,
        test_id=result.test_id,
        confidence=chance.random(),
        excerpt=chance.choice((None, "E   assert 1 == 2\n")),
        line=result.line,
    )


def _death(job_id: str) -> CauseRecord:
    return CauseRecord(
        cause_id="cause-machine",
        job_id=job_id,
        text="the machine went away",
        category="INFRA_FAILURE",
        trouble="agent_lost",
    )
