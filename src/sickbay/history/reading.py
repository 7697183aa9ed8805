"""What a history says, as the records that the judgement is made of."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import fields
from itertools import groupby
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from anyio import to_thread

from sickbay.ci.history.models import (
    BuildPoint,
    Durations,
    JobRun,
    Line,
    Past,
    Run,
    Sighting,
    Tally,
)
from sickbay.core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from sickbay.ci.history.comparison import Side
    from sickbay.history.face import History

_SUGGESTED = 3
_LIKENESS = 60
_ALL = 1 << 40


class Pipeline(NamedTuple):
    """What is there of a pipeline."""

    pipeline: str
    builds: int
    oldest: datetime
    newest: datetime


class Reading:
    """Asks a history.

    Args:
        history: Whatever keeps it.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    async def builds(self, line: Line) -> tuple[BuildPoint, ...]:
        """The builds of a line in the order of commits, the oldest first.

        Raises:
            BadRequest: The pattern of messages is wrong.
        """
        return _points(await self._asked("builds", line))

    async def build(self, named: str, line: Line) -> BuildPoint:
        """The newest build that is called so.

        Args:
            named: Its number, id or address, or the first 7 characters of its commit.
            line: Only the pipeline and the branch count.

        Raises:
            NotFound: There is none.
        """
        found = await self._history.ask(
            "named_builds",
            named=named,
            pipeline=line.pipeline,
            branch=line.branch,
            most=1,
        )
        for point in _points(found):
            return point
        raise NotFound(
            f"the history has no build {named!r}",
            hint="a build is named by its number, id, address or commit",
        )

    async def past(self, test_id: str, line: Line) -> Past:
        """All that is known of one test in a line of builds.

        Raises:
            NotFound: It never ran as far as is known; the hint names some like it.
        """
        builds, runs, jobs = await asyncio.gather(
            self.builds(line),
            self._asked("timeline", line, test_id=test_id),
            self._asked("timeline_jobs", line, test_id=test_id),
        )
        if not runs.num_rows and not jobs.num_rows:
            await self._demand(test_id)
        return Past(
            test_id=test_id,
            builds=builds,
            runs=tuple(Run(**row) for row in _rows(runs, ("variant", "signature"))),
            jobs=tuple(JobRun(**row) for row in _rows(jobs)),
        )

    async def test_ids(
        self, like: str | None, line: Line, most: int
    ) -> tuple[str, ...]:
        """The tests that ran in a line, by name.

        Args:
            like: A part of their names, in any case.
            line: The builds.
            most: How many.
        """
        found = await self._asked("test_ids", line, like=like, most=most)
        return tuple(found["test_id"].to_pylist())

    async def tallies(self, line: Line, most: int) -> tuple[Tally, ...]:
        """The tests that failed at least once, counted; those that did most first."""
        found, failures = await asyncio.gather(
            self._asked("tallies", line, most=most), self._asked("failures", line)
        )
        return await to_thread.run_sync(_tallies, found, failures)

    async def outcomes(
        self, base: Sequence[str], new: Sequence[str]
    ) -> tuple[dict[str, Side], dict[str, Side]]:
        """What became of each test on the two sides of a comparison.

        Args:
            base: Ids of builds.
            new: Of those that they are compared with.
        """
        from sickbay.history.counting import sided  # noqa: PLC0415 - brings numpy

        found = await self._history.ask("outcomes", base=list(base), new=list(new))
        return await to_thread.run_sync(sided, found)

    async def sightings(
        self, line: Line, test_id: str | None = None
    ) -> tuple[Sighting, ...]:
        """The failures of a line with their causes, in the order of commits."""
        points, found = await asyncio.gather(
            self.builds(line), self._asked("sightings", line, test_id=test_id)
        )
        builds = {point.build_id: point for point in points}
        rows = _rows(found, ("variant", "job_name", "signature"))
        return tuple(
            Sighting(build=builds[row.pop("build_id")], **row)
            for row in rows
            if row["build_id"] in builds  # written meanwhile
        )

    async def durations(self, line: Line, most: int) -> tuple[Durations, ...]:
        """How long tests took, those first whose times differ most."""
        points, found = await asyncio.gather(
            self.builds(line), self._asked("durations", line, most=most)
        )
        builds = {point.build_id: point for point in points}
        return await to_thread.run_sync(lambda: tuple(_durations(found, builds)))

    async def pipelines(self) -> tuple[Pipeline, ...]:
        """All of which there are builds, those with most of them first."""
        found: dict[str, Pipeline] = {}
        for row in _rows(await self._history.ask("counts")):
            here = Pipeline(*(row[name] for name in Pipeline._fields))
            there = found.get(here.pipeline, here._replace(builds=0))
            found[here.pipeline] = Pipeline(
                here.pipeline,
                here.builds + there.builds,
                min(here.oldest, there.oldest),
                max(here.newest, there.newest),
            )
        return tuple(sorted(found.values(), key=lambda one: (-one.builds, one)))

    async def newest(self) -> int:
        """A number that is another one once something was written."""
        found = await self._history.ask("newest")
        return int(found["ingest_id"][0].as_py() or 0)

    async def _asked(self, name: str, line: Line, **more: Any) -> pa.Table:  # noqa: ANN401 - values of SQL
        from sickbay.logs.needle import needle  # noqa: PLC0415 - brings RE2

        return await self._history.ask(
            name,
            pipeline=line.pipeline,
            branch=line.branch,
            since=line.since,
            until=line.until,
            message=needle(line.message).source if line.message else None,
            newest=line.most,
            **more,
        )

    async def _demand(self, test_id: str) -> None:
        """Raise where a test is not known at all."""
        from rapidfuzz import process  # noqa: PLC0415 - only for an error

        known = await self.test_ids(None, Line(most=_ALL), _ALL)
        if test_id in known:
            return
        close = process.extract(
            test_id, known, limit=_SUGGESTED, score_cutoff=_LIKENESS
        )
        names = " or ".join(found[0] for found in close)
        raise NotFound(
            f"no test {test_id!r} in the history",
            hint=f"did you mean {names}" if names else "",
        )


def _points(table: pa.Table) -> tuple[BuildPoint, ...]:
    return tuple(BuildPoint(**row) for row in _rows(table))


def _rows(table: pa.Table, texts: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """The rows; what is unknown in some columns of texts is an empty text."""
    names = table.column_names
    columns = [
        [value or "" for value in column.to_pylist()]
        if name in texts
        else column.to_pylist()
        for name, column in zip(names, table.columns, strict=True)
    ]
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _by_test(failures: pa.Table) -> dict[str, list[dict[str, Any]]]:
    rows = _rows(failures, ("variant", "signature"))
    return {
        test_id: list(theirs)
        for test_id, theirs in groupby(rows, key=lambda row: row["test_id"])
    }


def _tallies(table: pa.Table, failures: pa.Table) -> tuple[Tally, ...]:
    from sickbay.history.counting import counted  # noqa: PLC0415 - brings numpy

    counts, theirs = counted(table), _by_test(failures)
    names = [field.name for field in fields(counts) if field.name != "tests"]
    columns = [getattr(counts, name).tolist() for name in names]
    found = [
        Tally(
            test_id=test_id,
            **dict(zip(names, values, strict=True)),
            **_failed(theirs.get(test_id, ())),
        )
        for test_id, *values in zip(counts.tests, *columns, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.failed_builds, one.test_id)))


def _failed(failures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a tally has of the failures: rows by variant and signature."""
    signatures: Counter[str] = Counter()
    for row in failures:
        if row["signature"]:
            signatures[row["signature"]] += row["failures"]
    lost = [row["lost_s"] for row in failures if row["lost_s"] is not None]
    return {
        "lost_s": sum(lost) if lost else None,
        "first_failed_at": min((r["first_failed_at"] for r in failures), default=None),
        "last_failed_at": max((r["last_failed_at"] for r in failures), default=None),
        "signature": min(signatures, key=lambda s: (-signatures[s], s), default=""),
        "variants": tuple(sorted({row["variant"] for row in failures})),
    }


def _durations(
    table: pa.Table, builds: Mapping[str, BuildPoint]
) -> Iterator[Durations]:
    places = {build_id: place for place, build_id in enumerate(builds)}
    found = groupby(_rows(table), key=lambda row: (row["test_id"], row["variant"]))
    for (test_id, variant), rows in found:
        seconds: dict[str, list[float]] = {}
        for row in rows:
            if row["build_id"] in places:
                seconds.setdefault(row["build_id"], []).append(row["seconds"])
        order = sorted(seconds, key=places.__getitem__)
        yield Durations(
            test_id=test_id,
            variant=variant,
            builds=tuple(builds[build_id] for build_id in order),
            seconds=tuple(median(seconds[build_id]) for build_id in order),
        )
