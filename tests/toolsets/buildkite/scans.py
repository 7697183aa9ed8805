"""Scans made by hand, for what is said of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sickbay.core.results import Coverage, Skipped
from sickbay.toolsets.buildkite.models.scan import (
    BuildInfo,
    CauseRow,
    FailingTest,
    IssueRow,
    JobCounts,
    JobRow,
    OwnerRow,
    RetriedRow,
    ScanReport,
    SinceRow,
)

URL = "https://buildkite.com/acme/ci/builds/70211"
NOON = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)


def job(number: int, name: str = "Kernels Test", **more: Any) -> JobRow:  # noqa: ANN401 - any field
    """A failed attempt."""
    job_id = f"0192aa10-0000-4000-8000-{number:012}"
    return JobRow(
        name=name,
        job_id=job_id,
        url=f"{URL}#{job_id}",
        log=f"buildkite:acme/ci/70211/{job_id}",
        line=100 + number,
        exit_status=1,
        host="ip-10-0-3-7",
        **more,
    )


def failing(
    test_id: str, in_job: JobRow, message: str = "assert 240 == 448"
) -> FailingTest:
    """A test that failed in a job."""
    return FailingTest(
        test_id=test_id,
        job_id=in_job.job_id,
        line=in_job.line,
        message=message,
        exception="AssertionError",
        signature="9f3c1d7e0b5a4c2d",
    )


def cause(*tests: FailingTest, jobs: tuple[JobRow, ...], **more: Any) -> CauseRow:  # noqa: ANN401 - any field
    """A cause, a new regression unless said otherwise."""
    given: dict[str, Any] = {
        "cause_id": f"c{len(more)}{len(tests)}",
        "category": "NEW_REGRESSION",
        "trouble": "regression",
        "confidence": 0.86,
        "level": "high",
        "reason": "it passed in the 9 builds before",
        "text": "AssertionError: assert 240 == 448",
        "test_count": len(tests),
        "job_count": len(jobs),
        "signature": tests[0].signature if tests else "",
        "evidence": ("it passed in the 9 builds before", "2 machines fail alike"),
    }
    return CauseRow(tests=tests, jobs=jobs, **{**given, **more})


def build(**more: Any) -> BuildInfo:  # noqa: ANN401 - any field
    """A nightly build that failed."""
    given: dict[str, Any] = {
        "build_number": 70211,
        "build_url": URL,
        "organization": "acme",
        "pipeline": "ci",
        "branch": "main",
        "commit": "9f3c1d7e0b5a4c2d8e6f1a2b3c4d5e6f70819203",
        "title": "Full CI run - nightly",
        "state": "failed",
        "nightly": True,
        "created_at": NOON,
        "finished_at": NOON,
    }
    return BuildInfo(**{**given, **more})


def scan_of(*causes: CauseRow, **more: Any) -> ScanReport:  # noqa: ANN401 - any field
    """A scan with these causes."""
    failed = len({row.job_id for item in causes for row in item.jobs})
    categories: dict[str, int] = {}
    for item in causes:
        categories[item.category] = categories.get(item.category, 0) + 1
    given: dict[str, Any] = {
        "scan_id": "70211-0123456789",
        "build_info": build(),
        "jobs": JobCounts(total=198, passed=198 - failed, failed=failed, hard=failed),
        "categories": categories,
        "unique_failures": len(causes),
        "causes": causes,
        "scanned_at": NOON,
        "coverage": Coverage(failed, failed),
    }
    return ScanReport(**{**given, **more})


FP8 = "tests/kernels/quantization/test_fp8_quant.py::test_saturates[e4m3-1]"
DRIVER = "RuntimeError: CUDA driver initialization failed"


def sample() -> ScanReport:
    """One of everything."""
    one, two = job(1), job(2, "Kernels Test (H100)")
    sick = tuple(job(number, f"Models Test {number}") for number in range(3, 9))
    soft = job(9, "AMD: Kernels Test", soft=True)
    return scan_of(
        cause(
            failing(FP8, one),
            failing(FP8.replace("-1]", "-2]"), two),
            jobs=(one, two),
            owner=OwnerRow(
                names=("@acme/kernels",),
                source="codeowners",
                confidence=0.9,
                why="line 12 of CODEOWNERS, /tests/kernels/, fits it",
            ),
            since=SinceRow(build_number=70208, build_url=f"{URL[:-3]}208"),
        ),
        cause(
            jobs=sick,
            category="INFRA_SUSPECTED",
            trouble="sick_agent",
            text=DRIVER,
            reason="6 of 6 failures are on ip-10-0-3-7, which ran 6 of 198 jobs",
            evidence=(),
        ),
        cause(
            failing("tests/lora/test_layers.py::test_lora", soft),
            jobs=(soft,),
            soft=True,
            category="KNOWN_TRACKED",
            trouble="known_issue",
            issue=IssueRow(
                number=1234,
                url="https://github.com/acme/ci/issues/1234",
                title="[CI Failure]: AMD: Kernels Test - test_lora",
                state="open",
                score=0.9,
                how="the test's function",
            ),
        ),
        jobs=JobCounts(total=198, passed=186, failed=9, hard=8, soft=1, flaky=1),
        passed_on_retry=(
            RetriedRow(
                cause_id="f1",
                category="FLAKY_SUSPECTED",
                name="tests/v1/test_core.py::test_hash",
                test_count=1,
                jobs=(job(10, "V1 Test", retried=True),),
                job_count=1,
            ),
        ),
        notes=("no checkout: who wrote a test is not known (set VLLM_REPO_PATH)",),
        coverage=Coverage(9, 10, (Skipped("log of V1 Test", "it is gone"),)),
    )


def many(count: int) -> ScanReport:
    """As many causes of each category, each in as many jobs."""
    categories = (
        *("NEW_REGRESSION", "FLAKY_SUSPECTED", "INFRA_SUSPECTED"),
        *("KNOWN_TRACKED", "NEEDS_HUMAN_TRIAGE"),
    )
    causes = []
    for at, category in enumerate(categories):
        for number in range(count):
            jobs = tuple(
                job(1000 * at + 10 * number + shard, f"Kernels Test {shard}")
                for shard in range(count)
            )
            test = failing(f"tests/a_{at}/test_{number}.py::test_it", jobs[0])
            causes.append(cause(test, jobs=jobs, category=category, text="x" * 900))
    return scan_of(*causes)


def hostile(words: str) -> ScanReport:
    """The sample with the same words in every place that strangers fill."""
    found = sample()
    one = replace(job(1), name=words, host=words)
    issue = found.causes[2].issue
    owner = found.causes[0].owner
    assert issue is not None
    assert owner is not None
    bad = cause(
        failing(words, one, words),
        jobs=(one,),
        text=words,
        reason=words,
        evidence=(words, words + "!"),
        issue=replace(issue, title=words, how=words),
        owner=replace(owner, names=(words,), why=words),
    )
    return scan_of(
        bad,
        build_info=build(title=words, branch=words, state=words, why=words),
        passed_on_retry=(replace(found.passed_on_retry[0], name=words, jobs=(one,)),),
        notes=(words,),
        coverage=Coverage(1, 2, (Skipped(words, words),)),
    )
