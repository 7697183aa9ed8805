"""What the history makes of simulated CIs, beside what was planted in them.

Every build of the trunk is ingested from a simulated Buildkite as a user would, and
judged as of many of its builds by the 50 builds before. A spell is a row of builds in
which a commit, or a known issue, broke a test until another commit mended it; others
fail by chance, with their machines, or when a service is down. One failing build is no
proof: there, anything is right but that it never failed, or is fixed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parts.planted import (
    EVERY,
    LASTING,
    Planted,
    Spell,
    Stage,
    began,
    call,
    line,
    stage,
)
from parts.scores import Row, Table, printed
from sickbay.ci.history.assessment import assessed
from sickbay.ci.history.clusters import clustered
from sickbay.ci.history.comparison import compared
from sickbay.ci.history.flakiness import flake_score
from sickbay.ci.history.outcomes import observed
from sickbay.history.reading import Reading
from sickbay.toolsets.history.analysis.flaky import ranked
from sickbay.toolsets.history.tools.culprit import culprit
from sickbay.toolsets.history.tools.flaky import LEAST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.ci.history.clusters import Cluster
    from sickbay.ci.history.models import Assessment, Past
    from sickbay.toolsets.history.models.culprit import CulpritReport

SEEDS, DAYS, JOBS = 3, 21, 60
WINDOW = 50
EVERY_TH = 7
LONG = 4
MENDED = 6
BASE = 20
SHOWN = 2

BROKEN = frozenset({"REGRESSION", "PERSISTENT_FAIL"})
MILD = frozenset({"STABLE", "SPORADIC"})
RANDOM = frozenset({"FLAKE_ONSET", "SPORADIC", "STABLE"})


def window(past: Past, newest: int) -> Past:
    """What was known when a build was the newest, of the builds that are looked at."""
    builds = past.builds[max(0, newest + 1 - WINDOW) : newest + 1]
    ids = {build.build_id for build in builds}
    return replace(
        past,
        builds=builds,
        runs=tuple(run for run in past.runs if run.build_id in ids),
        jobs=tuple(job for job in past.jobs if job.build_id in ids),
    )


@dataclass(frozen=True)
class Case:
    """One test of one world."""

    stage: Stage
    seed: int
    test_id: str
    past: Past
    table: Table

    @property
    def planted(self) -> Planted:
        """The truth."""
        return self.stage.planted

    def assessed(self, newest: int) -> Assessment:
        """The judgement as of a build."""
        return assessed(observed(window(self.past, newest)))

    def where(self, newest: int) -> str:
        """To find it again by."""
        number = self.planted.builds[newest].number
        return f"seed {self.seed}, as of {number}, {self.test_id}"


def spells(case: Case) -> None:
    """Tests that something lasting broke, after one build, two, three, and later."""
    for spell in case.planted.spells():
        if spell.test_id != case.test_id or not spell.first:
            continue
        for newest in range(spell.first, spell.last + 1):
            builds = newest - spell.first + 1
            title = f"broken for {builds if builds < LONG else f'{LONG}+'} builds"
            fault = _broke(case, spell, case.assessed(newest), newest)
            case.table[title].add(fault, case.where(newest))
        mended = spell.last + MENDED
        if mended < len(case.planted.builds) and not _later(case, spell, mended):
            found = case.assessed(mended)
            right = found.classification in {"FIXED", *RANDOM}
            fault = None if right else found.classification
            case.table["mended 6 builds ago"].add(fault, case.where(mended))


def _later(case: Case, spell: Spell, newest: int) -> bool:
    lasting = case.planted.lasting(case.test_id)
    return any(spell.last < place <= newest for place in lasting)


def _broke(case: Case, spell: Spell, found: Assessment, newest: int) -> str | None:
    if newest == spell.first:
        good = found.classification not in {"STABLE", "FIXED"}
        return None if good else found.classification
    if newest - spell.first >= WINDOW - 1:
        return None if found.classification in BROKEN else found.classification
    if found.classification not in BROKEN:
        return found.classification
    if found.change is None or found.transition is None:
        return "no transition"
    first = case.planted.builds[spell.first].build_id
    there = [build.build_id for build in found.change.candidates]
    if first in there:
        return None
    credible = [build.build_id for build in found.change.credible]
    return "place, in range" if first in credible else "place"


def others(case: Case) -> None:
    """What is said of tests that nothing lasting breaks."""
    hits = case.planted.hits[case.test_id]
    lasting = case.planted.lasting(case.test_id)
    for newest in range(EVERY_TH, len(case.planted.builds), EVERY_TH):
        if lasting.intersection(range(newest + 1 - WINDOW, newest + 1)):
            continue
        known = [
            hits[at] for at in range(max(0, newest - 49), newest + 1) if at in hits
        ]
        if not known:
            continue
        random = any("flaky" in found for found in known)
        found = case.assessed(newest)
        right = found.classification in (RANDOM if random else MILD)
        title = "flaky" if random else "machines and services only"
        case.table[title].add(
            None if right else found.classification, case.where(newest)
        )


async def culprits(case: Case) -> None:
    """Who is blamed for a spell as of its second build, and as of its last."""
    for spell in case.planted.spells():
        if spell.test_id != case.test_id or not spell.first:
            continue
        for newest in sorted({min(spell.first + 1, spell.last), spell.last}):
            if newest == spell.first:
                continue
            source = case.stage.source(began(case.planted.builds[newest]))
            answer: Any = culprit.function(
                source, call(), test_nodeid=case.test_id, lookback_builds=WINDOW
            )
            fault = _blamed(await answer, spell)
            case.table["culprit in the 90 % set"].add(fault, case.where(newest))


def _blamed(report: CulpritReport, spell: Spell) -> str | None:
    if not report.suspects:
        return "nobody named"
    found = next((one for one in report.suspects if one.commit == spell.culprit), None)
    if found is None:
        return "not in the range"
    return None if found.credible else f"{found.probability:.0%} only"


async def comparisons(stage: Stage, seed: int, table: Table) -> None:
    """The first build of a spell against those before, where it did not fail there."""
    reading, builds = Reading(stage.history), stage.planted.builds
    firsts: dict[int, set[str]] = defaultdict(set)
    for spell in stage.planted.spells():
        before = range(max(0, spell.first - BASE), spell.first)
        if before and not stage.planted.lasting(spell.test_id).intersection(before):
            firsts[spell.first].add(spell.test_id)
    for first, tests in firsts.items():
        base = [build.build_id for build in builds[max(0, first - BASE) : first]]
        sides = await reading.outcomes(base, [builds[first].build_id])
        kinds = {one.test_id: one for one in compared(*sides).differences}
        where = f"seed {seed}, build {builds[first].number}"
        for test in tests:
            kind: str = kinds[test].kind if test in kinds else "no difference"
            late = kind == "only_new" and kinds[test].new_rate
            fault = None if kind == "newly_failing" or late else kind
            table["compare: what broke is named"].add(fault, f"{where}, {test}")
        for test, one in kinds.items():
            if one.kind == "newly_failing":
                hits = stage.planted.hits.get(test, {}).get(first, set())
                wrong = None if hits & {*LASTING, "flaky"} else "nothing planted"
                table["compare: what is named failed"].add(wrong, f"{where}, {test}")


async def ranking(stage: Stage, seed: int, table: Table) -> None:
    """Planted flaky tests against all others that failed."""
    tallies = await Reading(stage.history).tallies(line(most=EVERY), EVERY)
    shown = ranked([(one, flake_score(one)) for one in tallies], LEAST)
    places = {one.test_id: place for place, one in enumerate(shown)}
    failed = {one.test_id for one in tallies}
    flaky = sorted(stage.planted.flaky & failed)
    for test in flaky:
        fault = None if test in places else "not listed"
        table["flaky_tests: flakes are listed"].add(fault, f"seed {seed}, {test}")
    for test, place in places.items():
        below = sum(place < places[other] for other in flaky if other in places)
        if test not in stage.planted.flaky:
            fault = None if not below else f"above {below} flakes"
            where = f"seed {seed}, {test}"
            table["flaky_tests: others are below"].add(fault, where)


async def clusters(stage: Stage, seed: int, table: Table) -> None:
    """Whether a way to fail is one cluster for each test, and nothing else is in it."""
    sightings = await Reading(stage.history).sightings(line(most=EVERY))
    builds = stage.planted.builds
    found = clustered(sightings, now=began(builds[-1]), builds=builds)
    of_cause = {cause: one for one in found for cause in one.cause_ids}
    jobs = {job.job_id: job.blow for _, job in stage.planted.jobs()}
    ways: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    mixed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for sighting in sightings:
        blow, cluster = jobs.get(sighting.job_id), of_cause[sighting.cause_id]
        if blow:
            ways[blow.way, sighting.test_id].add(cluster.text[:40])
            mixed[cluster.cluster_id, cluster.text[:50]].add(blow.way)
    for (way, test), texts in ways.items():
        fault = None if len(texts) == 1 else f"{len(texts)} clusters"
        where = f"seed {seed}, {way}, {test}, {sorted(texts)}"
        table["clusters: one for a way and a test"].add(fault, where)
    for text, these in mixed.items():
        fault = None if len(these) == 1 else "several ways"
        table["clusters: of one way"].add(fault, f"seed {seed}, {text!r}: {these}")
    for one in found:
        fault = None if _speaks(one) else "of something else"
        where = f"seed {seed}, {one.text[:60]!r}, line {one.example.line}"
        table["clusters: example is its own"].add(fault, where)


def _speaks(one: Cluster) -> bool:
    """Whether the excerpt has what the cluster says, or is of the test it names."""
    excerpt, test = one.example.excerpt, one.example.test_id or ""
    if not excerpt:
        return True
    said = one.text.partition(": ")[2].strip() or one.text
    name = test.rpartition("::")[2].partition("[")[0]
    return said[-20:] in excerpt or bool(name and name in excerpt)


async def judged(stage: Stage, seed: int, table: Table) -> None:
    """All questions to one world."""
    reading = Reading(stage.history)
    for test_id in sorted(stage.planted.hits):
        past = await reading.past(test_id, line(most=EVERY))
        case = Case(stage, seed, test_id, past, table)
        spells(case)
        others(case)
        await culprits(case)
    await comparisons(stage, seed, table)
    await ranking(stage, seed, table)
    await clusters(stage, seed, table)


async def run(seeds: Iterable[int], days: int, folder: Path) -> Table:
    """All worlds."""
    table: Table = defaultdict(Row)
    for seed in seeds:
        began = time.perf_counter()
        async with stage(folder / f"s{seed}", seed, days=days, jobs=JOBS) as one:
            read = time.perf_counter() - began
            await judged(one, seed, table)
            took = time.perf_counter() - began - read
            builds = len(one.planted.builds)
        print(
            f"seed {seed}: {builds} builds read in {read:.0f} s, judged in {took:.0f} s"
        )
    return table


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=range(1, SEEDS + 1))
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--kept", type=Path, help="a folder to keep the histories in")
    parser.add_argument("--examples", type=int, default=SHOWN)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = run(options.seeds, options.days, options.kept or Path(folder))
        printed(asyncio.run(work), options.examples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
