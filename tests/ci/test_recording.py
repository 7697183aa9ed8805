from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from sickbay.ci.builds import Attempt, Build
from sickbay.ci.hearing import EXCERPT, Heard, clipped, heard, heard_in, joined
from sickbay.ci.recording import JobReading, job_records, recorded
from sickbay.ci.records import BuildRecord
from sickbay.ci.scan.models import FailedJob
from sickbay.logs.explain import explain
from sickbay.logs.frameworks.junit import junit_suites
from sickbay.logs.scan import read_log

NOW = datetime(2026, 2, 3, tzinfo=UTC)

LOG = b"""\
============================= test session starts ==============================
collected 4 items

tests/kernels/test_a.py::test_good PASSED                                [ 25%]
tests/kernels/test_a.py::test_bad FAILED                                 [ 50%]
tests/kernels/test_a.py::test_flaky RERUN                                [ 75%]
tests/kernels/test_a.py::test_flaky PASSED                               [ 75%]
tests/kernels/test_a.py::test_later SKIPPED (no GPU)                     [100%]

=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________

    def test_bad():
>       assert compute(3) == 4
E       AssertionError: assert 5 == 4

tests/kernels/test_a.py:7: AssertionError
=========================== short test summary info ============================
FAILED tests/kernels/test_a.py::test_bad - AssertionError: assert 5 == 4
======= 1 failed, 2 passed, 1 skipped, 1 rerun in 0.10s ========================
"""
CUT = LOG[: LOG.index(b"tests/kernels/test_a.py::test_later")]
QUIET = b"""\
============================= test session starts ==============================
collected 4 items

tests/kernels/test_a.py .F..                                             [100%]

=================================== FAILURES ===================================
___________________________________ test_bad ___________________________________
E       AssertionError: assert 5 == 4
=========================== short test summary info ============================
FAILED tests/kernels/test_a.py::test_bad - AssertionError: assert 5 == 4
========================= 1 failed, 3 passed in 0.10s ==========================
"""


def out_of_memory(others: bytes) -> bytes:
    """A log in which a test runs out of memory, and others end in this way."""
    ran = [(f"test_{n}".encode(), others) for n in range(3)] + [
        (b"test_big", b"FAILED")
    ]
    bad = [name for name, outcome in ran if outcome == b"FAILED"]
    says = b"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB"
    return b"".join(
        (
            b"===== test session starts =====\ncollected 4 items\n\n",
            *(b"t.py::%s %s [ 50%%]\n" % pair for pair in ran),
            b"\n===== FAILURES =====\n",
            *(b"_____ %s _____\nE   %s\n\nt.py:7: Error\n" % (n, says) for n in bad),
            b"===== short test summary info =====\n",
            *(b"FAILED t.py::%s - %s\n" % (name, says) for name in bad),
            b"===== %d failed, %d passed in 0.10s =====\n" % (len(bad), 4 - len(bad)),
        )
    )


def attempt(job_id: str, state: Any = "fail", **more: Any) -> Attempt:  # noqa: ANN401 - any of its fields
    given = {"name": "Kernels Test", "sha": "c" * 40, "exit_status": 1}
    return Attempt(
        **{**given, "log": f"buildkite:{job_id}", **more}, job_id=job_id, state=state
    )


def build(*attempts: Attempt) -> Build:
    return Build(
        organization="acme",
        pipeline="ci",
        number=7,
        url="https://ci.example/7",
        attempts=attempts,
    )


def read(made: Build, logs: dict[str, bytes]) -> list[JobReading]:
    """The logs of attempts, by their ids."""
    found = []
    for job in made.jobs:
        for one in job.attempts:
            if one.job_id not in logs:
                continue
            said: list[Heard] = []
            log = read_log(logs[str(one.job_id)])
            report = explain(log, lambda *told, said=said: said.append(heard(*told)))
            item = FailedJob(job=job, attempt=one, report=report)
            found.append(JobReading(item=item, heard=said[0]))
    return found


def kept(made: Build, logs: dict[str, bytes], room: int = 1 << 20) -> BuildRecord:
    base = BuildRecord(
        build_id="buildkite:acme/ci/7",
        source="buildkite",
        pipeline="acme/ci",
        number="7",
        created_at=NOW,
        jobs=job_records(made),
    )
    return recorded(base, made, read(made, logs), now=NOW, excerpt_bytes=room)


def test_every_test_of_a_verbose_log_is_kept_under_its_canonical_id() -> None:
    record = kept(build(attempt("a")), {"a": LOG})
    found = {one.test_id: (one.outcome, one.attempts) for one in record.results}
    assert found == {
        "kernels/test_a.py::test_bad": ("failed", 1),
        "kernels/test_a.py::test_flaky": ("rerun", 2),
        "kernels/test_a.py::test_good": ("passed", 1),
    }
    (job,) = record.jobs
    assert (job.listing, job.complete) == ("all", True)
    (cause,) = record.causes
    assert cause.test_id == "kernels/test_a.py::test_bad"
    assert ">       assert compute(3) == 4" in (cause.excerpt or "")
    (bad,) = (one for one in record.results if one.outcome == "failed")
    assert bad.signature == cause.signature != ""


def test_a_brief_log_names_what_failed_and_no_more() -> None:
    (job,) = kept(build(attempt("a")), {"a": QUIET}).jobs
    assert (job.listing, job.complete, job.tests_run, job.tests_failed) == (
        *("failed", True, 4, 1),
    )


def test_a_log_that_ends_early_may_lack_failures() -> None:
    (job,) = kept(build(attempt("a")), {"a": CUT}).jobs
    assert not job.complete


def test_a_job_that_passed_lacks_none() -> None:
    (job,) = kept(build(attempt("a", "ok")), {"a": b"nothing to see\n"}).jobs
    assert (job.listing, job.complete) == ("failed", True)


def test_a_job_that_nobody_read_says_so() -> None:
    record = kept(build(attempt("a"), attempt("b", "ok")), {})
    assert Counter(job.listing for job in record.jobs) == {"none": 2}
    assert not record.results


def test_attempts_are_counted_and_the_last_one_is_known() -> None:
    first = attempt("a", retried=True, retried_in="b")
    made = build(first, attempt("b", "ok", retry_of="a"))
    told = [(job.job_id, job.attempt, job.last) for job in job_records(made)]
    assert told == [("a", 1, False), ("b", 2, True)]


def test_shards_of_a_job_are_one_variant() -> None:
    shards = [
        attempt(f"s{n}", "ok", name=f"Kernels Test {n + 1}", shard=n, shards=2)
        for n in range(2)
    ]
    pythons = [attempt(f"p{n}", "ok", name=f"Python 3.1{n}") for n in range(2)]
    found = {job.job_id: job.variant for job in job_records(build(*shards, *pythons))}
    assert found == {
        "s0": "Kernels Test",
        "s1": "Kernels Test",
        "p0": "Python 3.10",
        "p1": "Python 3.11",
    }


def test_a_lost_machine_is_why_its_job_failed() -> None:
    lost = attempt("a", exit_status=-1, signal_reason="agent_stop")
    alone = job_records(build(lost))[0]
    assert alone.infra
    (job,) = kept(build(lost), {"a": b"starting\n"}).jobs
    assert job.infra
    (cause,) = kept(build(lost), {"a": b"starting\n"}).causes
    assert (cause.test_id, cause.category) == (None, "INFRA_SUSPECTED")


def test_a_test_that_failed_is_no_matter_of_the_machine() -> None:
    (job,) = kept(build(attempt("a")), {"a": LOG}).jobs
    assert job.infra is None


@pytest.mark.parametrize(
    ("hosts", "others", "infra"),
    [
        pytest.param(("gpu-1", "gpu-2"), b"PASSED", False, id="on several machines"),
        pytest.param(("gpu-1", "gpu-1"), b"PASSED", True, id="on one machine"),
        pytest.param(("gpu-1", "gpu-2"), b"FAILED", True, id="with all other tests"),
    ],
)
def test_a_test_that_needs_too_much_memory_everywhere_fails_of_itself(
    hosts: tuple[str, str], others: bytes, *, infra: bool
) -> None:
    made = build(*(attempt(f"a{n}", host=host) for n, host in enumerate(hosts)))
    log = out_of_memory(others)
    record = kept(made, {"a0": log, "a1": log})
    assert {cause.category for cause in record.causes} == {"INFRA_SUSPECTED"}
    assert {job.infra is not None for job in record.jobs} == {infra}


def test_excerpts_stay_within_their_room_and_what_is_left_out_is_said() -> None:
    attempts = [attempt(f"a{n}") for n in range(5)]
    logs = {str(one.job_id): LOG for one in attempts}
    whole = kept(build(*attempts), logs)
    one = len(whole.causes[0].excerpt or "")
    few = kept(build(*attempts), logs, room=2 * one)
    assert sum(bool(cause.excerpt) for cause in few.causes) == 2
    assert few.missing[0].what == "3 excerpts"


def test_a_long_excerpt_keeps_its_end() -> None:
    text = clipped(f"line {number} " + "x" * 400 for number in range(100))
    assert len(text) <= EXCERPT
    assert text.splitlines()[-1].startswith("line 99 ")
    assert text.startswith("line ")


def test_files_add_to_a_log_what_it_leaves_out() -> None:
    raw = b"""<testsuite name="pytest"><testcase classname="kernels.test_a"
        name="test_good" time="0.25"/></testsuite>"""
    both = joined(Heard(listing="failed"), [heard_in(junit_suites(raw))])
    assert both.listing == "all"
    assert both.others == {"kernels/test_a.py::test_good": "passed"}
    assert both.seconds == {"kernels/test_a.py::test_good": 0.25}
    alone = Heard(listing="failed")
    assert joined(alone, []).listing == "failed"
