from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.explanations import (
    CAUSES,
    TESTS,
    failed_tests,
    job_causes,
    job_clusters,
)
from sickbay.logs.explain import explain_bytes
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from sickbay.logs.report import Report


def report(failures: int, name: str = "log") -> Report:
    return explain_bytes(samples.failing_log(failures).encode(), name)


def test_one_job_shows_several_causes_and_tests_and_one_of_many_the_best() -> None:
    found = report(9)
    assert 1 < len(job_causes(found, whole=True)) <= CAUSES
    assert len(failed_tests(found, whole=True)) == TESTS
    (best,) = job_causes(found, whole=False)
    assert best.score == job_causes(found, whole=True)[0].score
    assert "\n" not in best.text
    assert len(failed_tests(found, whole=False)) == 1


def test_jobs_of_one_cause_are_named_as_their_ci_calls_them() -> None:
    reports = [report(1, "a"), report(1, "b"), report(2, "c")]
    found = job_clusters(reports, {"a": 7, "b": "uuid", "c": 9})
    assert set(found[0].jobs) == {7, "uuid", 9}
    assert found[0].failures == 3
    assert found[0].tests
