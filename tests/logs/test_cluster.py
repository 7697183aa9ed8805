from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.results import Coverage
from sickbay.logs.cluster import Example, cluster
from sickbay.logs.explain import explain_bytes
from sickbay.logs.report import Cause, FailedTest, Report, Verdict
from sickbay.logs.report import Tests as Results
from sickbay.logs.signature import signature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.report import Category

CUDA = "CUDA driver initialization failed, you might not have a device"


def failed(
    test_id: str, message: str | None, exception: str | None = "RuntimeError"
) -> FailedTest:
    name = signature(exception=exception, message=message or test_id)
    return FailedTest(test_id, "pytest", "failed", message, exception, 7, name)


def report(
    source: str,
    tests: Sequence[FailedTest] = (),
    *,
    causes: Sequence[str] = (),
    category: Category = "unknown",
) -> Report:
    return Report(
        source=source,
        bytes=1,
        lines=9,
        ci="plain",
        verdict=Verdict(category, 0.5, ""),
        causes=tuple(
            Cause(rank, rank, rank, text, None, (), 0.5)
            for rank, text in enumerate(causes, 1)
        ),
        rule_match=None,
        tests=Results(failed=tuple(tests)),
        coverage=Coverage(9, 9),
    )


def test_one_cause_in_many_tests_and_jobs_is_one_cluster() -> None:
    reports = [
        report(
            f"job-{job}",
            [failed(f"test_{number}", CUDA) for number in range(50)],
            category="infrastructure",
        )
        for job in range(3)
    ]
    (found,) = cluster(reports)
    assert found.headline == "1 cause x 50 tests x 3 jobs"
    assert found.cause == f"RuntimeError: {CUDA}"
    assert found.category == "infrastructure"
    assert found.count == 150
    assert found.example == Example("job-0", 7, f"RuntimeError: {CUDA}")


def test_slightly_other_words_join() -> None:
    one = "connection to the build cache at alpha.example.org was lost for good"
    other = "connection to the build cache at gamma.example.org was lost for good"
    (found,) = cluster(
        [report("a", [failed("t", one)]), report("b", [failed("t", other)])]
    )
    assert len(found.signatures) == 2
    assert found.signature == min(found.signatures)


def test_example_says_what_a_log_says_and_the_cause_what_all_say() -> None:
    texts = [f"the cache server at 10.0.0.{n} gave no answer in 12.{n}s" for n in "12"]
    (found,) = cluster([report(text, [failed("t", text)]) for text in texts])
    assert found.cause == (
        "RuntimeError: the cache server at <IP> gave no answer in <DUR>"
    )
    assert found.example.text == f"RuntimeError: {texts[0]}"


def test_json_of_a_cluster_has_its_headline() -> None:
    (found,) = cluster([report("a", [failed("t", CUDA)])])
    data = json.loads(json.dumps(found.to_dict()))
    assert data["headline"] == "1 cause x 1 test x 1 job"
    assert data["example"] == {"source": "a", "line": 7, "text": found.cause}


def test_telling_difference_keeps_failures_apart() -> None:
    messages = [
        "the compiler of the extension module ended with exit code 1",
        "the compiler of the extension module ended with exit code 4",
        "the extension module needs a module called 'numpy' to work",
        "the extension module needs a module called 'scipy' to work",
    ]
    tests = [failed(f"t{number}", text) for number, text in enumerate(messages)]
    assert len(cluster([report("a", tests)])) == 4


def test_other_exception_keeps_failures_apart() -> None:
    tests = [failed("a", CUDA, "KeyError"), failed("b", CUDA, "TypeError")]
    assert len(cluster([report("a", tests)])) == 2


def test_assertions_that_say_nothing_stay_apart() -> None:
    tests = [failed(name, None, None) for name in ("test_a", "test_b")]
    assert len(cluster([report("a", tests)])) == 2


def test_log_without_tests_goes_by_its_best_cause() -> None:
    text = "fatal: could not read from the remote repository of the project"
    found = cluster(
        [
            report("a", causes=[text, "noise"], category="infrastructure"),
            report("b", causes=[text]),
        ]
    )
    assert [group.headline for group in found] == ["1 cause x 2 jobs"]
    assert found[0].tests == ()
    assert found[0].example == Example("a", 1, text)


def test_symptom_counts_for_the_root_cause_of_its_log() -> None:
    symptom = FailedTest(
        "test_a", "pytest", "error", "See root cause above.", "RuntimeError", 90, ""
    )
    (found,) = cluster(
        [
            report("a", [symptom], causes=["worker died", f"RuntimeError: {CUDA}"]),
            report("b", [failed("test_b", CUDA)]),
        ]
    )
    assert found.tests == ("test_a", "test_b")
    assert found.cause == f"RuntimeError: {CUDA}"


def test_symptoms_without_a_root_still_cluster() -> None:
    symptoms = [
        FailedTest(name, "pytest", "error", "worker died", "RuntimeError", 9, "")
        for name in ("a", "b")
    ]
    (found,) = cluster([report("a", symptoms)])
    assert found.headline == "1 cause x 2 tests x 1 job"
    (only,) = cluster([report("a", causes=["worker died"])])
    assert only.signature


def test_largest_comes_first_and_nothing_gives_nothing() -> None:
    tests = [failed("x", "only one of these ever failed here")]
    tests += [failed(f"t{number}", CUDA) for number in range(4)]
    found = cluster([report("a", tests)])
    assert [len(group.tests) for group in found] == [4, 1]
    assert cluster([]) == ()
    assert cluster([report("green")]) == ()


WORDS = st.sampled_from(
    [
        *(
            "cache",
            "engine",
            "driver",
            "lost",
            "device",
            "12",
            "'a'",
            "reset",
            "assert",
        ),
    ]
)
TESTS = st.builds(
    failed,
    st.sampled_from(["t1", "t2", "t3"]),
    st.lists(WORDS, min_size=1, max_size=9).map(" ".join),
    st.sampled_from([None, "KeyError", "a.KeyError"]),
)
REPORTS = st.lists(
    st.builds(report, st.sampled_from("abcd"), st.lists(TESTS, max_size=4)), max_size=6
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_order_of_the_logs_does_not_matter(reports: list[Report], by: Random) -> None:
    shuffled = by.sample(reports, len(reports))
    assert cluster(shuffled) == cluster(reports)


def test_thousands_of_logs_take_seconds() -> None:
    choose = Random(1)  # noqa: S311 - nothing secret
    words = ["cache", "engine", "driver", "lost", "device", "reset", "kernel", "output"]
    texts = [" ".join(choose.choices(words, k=9)) for _ in range(200)]
    reports = [
        report(f"j{job}", [failed(f"t{n}", choose.choice(texts)) for n in range(20)])
        for job in range(1000)
    ]
    assert len(cluster(reports)) == 200


EXAMPLES = Path(__file__).parents[2] / "docs/examples"


def test_one_wrong_line_is_one_cause_of_every_test_that_runs_it() -> None:
    found = cluster([explain_bytes((EXAMPLES / "failed.log").read_bytes(), "a.log")])
    by_cause = {group.cause: group.headline for group in found}
    assert by_cause["KeyError: 'max_mg'"] == "1 cause x 3 tests x 1 job"
