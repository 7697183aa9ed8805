"""What became of a test in each build: its attempts, shards and variants together."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from sickbay.ci.history.models import JobRun, Observation, Run
from sickbay.ci.history.variants import verdict
from sickbay.logs.needle import needle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sickbay.ci.history.models import BuildPoint, Outcome, Past
    from sickbay.ci.history.variants import Shards, Verdict

_WORST: tuple[Outcome, ...] = ("fail", "flaky", "pass", "infra", "absent")
"""The variant that decides a build comes first."""

_NOT_RUN = "no job ran that has it"


@dataclass(frozen=True, slots=True)
class Cell:
    """All that is known of the test in one variant of one build."""

    jobs: list[JobRun] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)


def observed(past: Past, *, job: str | None = None) -> tuple[Observation, ...]:
    """What became of the test in each build, in the order of commits.

    A variant counts once, however often it was tried: its attempts share a commit and
    mostly a cause, so that three that fail say no more than one. It adds one pass, one
    failure, or one of each to ``trials``.

    Args:
        past: All that is known of it.
        job: Only jobs whose names match this RE2 pattern somewhere, in any case.

    Raises:
        BadRequest: The pattern is wrong.
    """
    jobs = _chosen(past.jobs, job)
    known = {found.job_id for found in jobs}
    runs = [run for run in past.runs if not job or run.job_id in known]
    cells: dict[str, dict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    for found in jobs:
        cells[found.build_id][found.variant].jobs.append(found)
    for run in runs:
        cells[run.build_id][run.variant].runs.append(run)
    homes = _homes(past.builds, cells)
    return tuple(
        _observation(build, at, cells.get(build.build_id, {}), homes)
        for at, build in enumerate(past.builds)
    )


def _chosen(jobs: Sequence[JobRun], pattern: str | None) -> Sequence[JobRun]:
    if not pattern:
        return jobs
    wanted = needle(pattern, ignore_case=True)
    return [job for job in jobs if wanted.find(job.name.encode()) >= 0]


def _homes(
    builds: Sequence[BuildPoint], cells: Mapping[str, Mapping[str, Cell]]
) -> dict[str, list[tuple[int, Shards]]]:
    """For each variant, in which build the test was seen in which shards."""
    found: dict[str, list[tuple[int, Shards]]] = defaultdict(list)
    for at, build in enumerate(builds):
        for variant, cell in cells.get(build.build_id, {}).items():
            if cell.runs:
                shards = frozenset(run.shard for run in cell.runs)
                found[variant].append((at, shards))
    return found


def _nearest(seen: Sequence[tuple[int, Shards]], at: int) -> Shards:
    """Shards are cut anew now and then: the build next to this one knows best."""
    place = bisect_left(seen, at, key=itemgetter(0))
    near = seen[max(0, place - 1) : place + 1]
    return min(near, key=lambda one: abs(one[0] - at))[1] if near else frozenset()


def _observation(
    build: BuildPoint,
    at: int,
    cells: Mapping[str, Cell],
    homes: Mapping[str, Sequence[tuple[int, Shards]]],
) -> Observation:
    verdicts = {
        variant: verdict(cell.jobs, cell.runs, _nearest(homes.get(variant, ()), at))
        for variant, cell in sorted(cells.items())
    }
    outcomes = {found.outcome for found in verdicts.values()}
    outcome: Outcome = next((word for word in _WORST if word in outcomes), "absent")
    deciding = [found for found in verdicts.values() if found.outcome == outcome]
    seen = {"pass", "fail", "flaky"}
    counted = [one.outcome for one in verdicts.values() if one.outcome in seen]
    inferred = bool(deciding) and all(one.inferred for one in deciding)
    return Observation(
        build=build,
        outcome=outcome,
        trials=len(counted) + counted.count("flaky"),
        failures=len(counted) - counted.count("pass"),
        inferred=inferred and outcome in seen,
        why=_why(deciding, inferred=inferred or outcome not in seen),
        signature=_frequent(s for one in verdicts.values() for s in one.signatures),
        runs=tuple(run for cell in cells.values() for run in cell.runs),
        jobs=tuple(job for cell in cells.values() for job in cell.jobs),
        variants=tuple((name, one.outcome) for name, one in verdicts.items()),
    )


def _why(deciding: Sequence[Verdict], *, inferred: bool) -> str | None:
    if not deciding:
        return _NOT_RUN
    return next((one.why for one in deciding if one.why), None) if inferred else None


def _frequent(signatures: Iterable[str]) -> str:
    counts = Counter(text for text in signatures if text)
    return min(counts, key=lambda text: (-counts[text], text)) if counts else ""
