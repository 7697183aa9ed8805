"""A history as a team of some size has it after years, the same for the same seed.

Each build runs one of ten suites of 2,000 tests, in ten jobs whose reports name every
test. One test in 50 fails by chance, in 3 to 50 % of its runs; one in 100 breaks for 30
builds; and any of them fails once in 2,000 runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
import pyarrow as pa

from sickbay.history.rows import Batch
from sickbay.history.schema import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PER_BUILD = 2_000
SUITES = 10
JOBS = 10
VARIANTS = 60
STRAY = 0.0005
BROKEN_FOR = 30
SIGNATURES = 50
RERUN = 0.3
BEGAN = 1_700_000_000_000_000
HOUR = 3_600_000_000


@dataclass(frozen=True)
class World:
    """All tests there are, and how they behave.

    Args:
        seed: Of everything drawn.
        builds: From which those are drawn in which tests break.
    """

    seed: int = 1
    builds: int = 5_000

    @property
    def tests(self) -> int:
        """How many."""
        return PER_BUILD * SUITES

    @cached_property
    def names(self) -> pa.Array:
        """Their ids."""
        return pa.array(
            f"tests/pkg_{n // 200}/test_mod_{n // 20 % 10}.py::test_{n}[p{n % 7}]"
            for n in range(self.tests)
        )

    @cached_property
    def rates(self) -> NDArray[np.float64]:
        """How often each fails by chance."""
        chance = np.random.default_rng([self.seed, 1])
        rates = np.full(self.tests, STRAY)
        flaky = chance.choice(self.tests, self.tests // 50, replace=False)
        rates[flaky] += chance.uniform(0.03, 0.5, flaky.size)
        return rates

    @cached_property
    def breaks(self) -> NDArray[np.int64]:
        """The build in which each breaks; most never do."""
        chance = np.random.default_rng([self.seed, 2])
        broken = chance.random(self.tests) < 0.01  # noqa: PLR2004 - one in a hundred
        return np.where(broken, chance.integers(0, self.builds, self.tests), 1 << 40)

    def batches(self, first: int, last: int, *, per: int = 1) -> Iterator[Batch]:
        """Builds from one to before another, some at a time; each is ingested once."""
        for start in range(first, last, per):
            numbers = np.arange(start, min(last, start + per))
            yield Batch(
                tables={
                    "results": self._results(numbers),
                    "jobs": _jobs(numbers),
                    "causes": TABLES["causes"].empty_table(),
                    "builds": _builds(numbers),
                }
            )

    def _results(self, numbers: NDArray[np.int64]) -> pa.Table:
        chance = np.random.default_rng([self.seed, 3, int(numbers[0])])
        build = np.repeat(numbers, PER_BUILD)
        place = np.tile(np.arange(PER_BUILD), numbers.size)
        test = build % SUITES * PER_BUILD + place
        age = build - self.breaks[test]
        failed = chance.random(build.size) < self.rates[test]
        again = failed & (chance.random(build.size) < RERUN)
        failed |= (age >= 0) & (age < BROKEN_FOR)
        outcome = np.where(again, 2, np.where(failed, 1, 0))
        job = place // (PER_BUILD // JOBS)
        seconds = np.exp(chance.normal(-1, 1, build.size)).round(3)
        sizes = np.int32(build.size)
        return _table(
            "results",
            build_id=_picked(build - numbers[0], _ids(numbers)),
            ingest_id=pa.array(BEGAN + build),
            ordered_at=_moments(build),
            test_id=_picked(test, self.names),
            job_id=_picked((build - numbers[0]) * JOBS + job, _job_ids(numbers)),
            variant=_picked(_variant(build, job), _VARIANT_NAMES),
            shard=pa.nulls(sizes, pa.int32()),
            outcome=_picked(outcome, pa.array(["passed", "failed", "rerun"])),
            attempts=pa.array(np.where(again, 2, 1).astype(np.int32)),
            duration_s=pa.array(seconds.astype(np.float32)),
            signature=_picked(np.where(failed, 1 + test % SIGNATURES, 0), _SIGNATURES),
            exception=_picked(
                np.where(failed, 1, 0), pa.array([None, "AssertionError"])
            ),
            message=_picked(np.where(failed, 1 + test % SIGNATURES, 0), _MESSAGES),
            line=pa.nulls(sizes, pa.int32()),
        )


_GOLDEN = 0x9E3779B97F4A7C15F39CC0605CEDC835
_VARIANT_NAMES = pa.array(f"Kernels and models, part {n}" for n in range(VARIANTS))
_SIGNATURES = pa.array(
    ["", *(f"{n * _GOLDEN % 2**64:016x}" for n in range(SIGNATURES))]
)
_MESSAGES = pa.array(
    [None, *(f"assert {n} == {n + 1}, as it was before" for n in range(SIGNATURES))]
)


def _variant(build: NDArray[np.int64], job: NDArray[np.int64]) -> NDArray[np.int64]:
    return (build % SUITES * JOBS + job) % VARIANTS


def _ids(numbers: NDArray[np.int64]) -> pa.Array:
    return pa.array(f"buildkite:acme/ci:{60_000 + n}" for n in numbers)


def _job_ids(numbers: NDArray[np.int64]) -> pa.Array:
    jobs = (int(n) * JOBS + job for n in numbers for job in range(JOBS))
    return pa.array(str(UUID(int=job * _GOLDEN % 2**128)) for job in jobs)


def _moments(numbers: NDArray[np.int64]) -> pa.Array:
    return pa.array(BEGAN + numbers * HOUR).cast(pa.timestamp("us", tz="UTC"))


def _picked(places: NDArray[np.int64], values: pa.Array) -> pa.Array:
    return values.take(pa.array(places))


def _jobs(numbers: NDArray[np.int64]) -> pa.Table:
    build = np.repeat(numbers, JOBS)
    job = np.tile(np.arange(JOBS), numbers.size)
    names = _picked(_variant(build, job), _VARIANT_NAMES)
    return _table(
        "jobs",
        build_id=_picked(build - numbers[0], _ids(numbers)),
        ingest_id=pa.array(BEGAN + build),
        job_id=_job_ids(numbers),
        name=names,
        variant=names,
        attempt=pa.array(np.ones(build.size, np.int32)),
        last=pa.array(np.ones(build.size, bool)),
        state=_picked(build % 2, pa.array(["ok", "fail"])),
        listing=pa.array(["all"] * build.size),
        complete=pa.array(np.ones(build.size, bool)),
        tests_run=pa.array(np.full(build.size, PER_BUILD // JOBS, np.int32)),
        tests_failed=pa.array(np.ones(build.size, np.int32)),
    )


def _builds(numbers: NDArray[np.int64]) -> pa.Table:
    return _table(
        "builds",
        build_id=_ids(numbers),
        ingest_id=pa.array(BEGAN + numbers),
        source=pa.array(["buildkite"] * numbers.size),
        pipeline=pa.array(["acme/ci"] * numbers.size),
        number=pa.array(str(60_000 + n) for n in numbers),
        branch=pa.array(["main"] * numbers.size),
        sha=pa.array(f"{int(n) * _GOLDEN % 2**128:040x}" for n in numbers),
        title=pa.array(f"Full CI run - {n}" for n in numbers),
        state=pa.array(["passed"] * numbers.size),
        created_at=_moments(numbers),
        ordered_at=_moments(numbers),
        ingested_at=_moments(numbers),
        jobs=pa.array(np.full(numbers.size, JOBS, np.int32)),
        results=pa.array(np.full(numbers.size, PER_BUILD, np.int32)),
        causes=pa.array(np.zeros(numbers.size, np.int32)),
    )


def _table(table: str, /, **columns: pa.Array) -> pa.Table:
    """All columns of a table; those that are not given are empty."""
    schema = TABLES[table]
    rows = len(columns["build_id"])
    return pa.table(
        [
            columns[field.name].cast(field.type)
            if field.name in columns
            else pa.nulls(rows, field.type)
            for field in schema
        ],
        schema=schema,
    )
