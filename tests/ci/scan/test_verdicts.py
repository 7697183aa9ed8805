"""What a cause is taken for, and why: cases made by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.ci.scan.verdicts import level
from tests.ci.scan.stage import ASSERTION, NOW, Stage, pytest_log

if TYPE_CHECKING:
    from sickbay.ci.scan.models import Category, Cause, Trouble
    from sickbay.ci.states import Ending

TEST = "kernels/test_norm.py::test_layer_norm"
LOG = pytest_log({TEST: ASSERTION})
HUB = (
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='hub.acme.ai',"
    " port=443): Max retries exceeded with url: /api/models/m"
)
ECC = "RuntimeError: CUDA error: uncorrectable ECC error encountered"
PASSED: tuple[Ending, ...] = ("passed",) * 12
NAMES = ("Kernels Test", "Models Test", "LoRA Test", "Entrypoints Test")


def weight(cause: Cause, category: Category) -> float:
    """What speaks for a category, all in all."""
    evidence = cause.verdict.evidence
    return sum(item.weight for item in evidence if item.category == category)


# The traps: words that are no causes.


@pytest.mark.parametrize(
    ("test", "message"),
    [
        pytest.param(
            "serve/test_timeout.py::test_timeout_is_kept[timed out-30s]",
            ASSERTION,
            id="time-out in the id",
        ),
        pytest.param(
            "zoom/test_room.py::test_zoom_room[bathroom]", ASSERTION, id="oom in room"
        ),
        pytest.param(
            TEST,
            "AssertionError: expected 'connection refused', got 'request timed out'",
            id="network words in an assertion",
        ),
        pytest.param(
            TEST,
            "AssertionError: assert 'CUDA out of memory' in 'all is well with it'",
            id="memory words in an assertion",
        ),
        pytest.param(
            "flaky/test_flaky.py::test_intermittent_passed_on_retry",
            ASSERTION,
            id="flaky in the id",
        ),
        pytest.param(
            TEST,
            "ValueError: killed signal handlers are not supported by this engine",
            id="killed in a message",
        ),
        pytest.param(
            TEST,
            "ConnectionRefusedError: connection refused by 127.0.0.1:8000",
            id="a test's own server",
        ),
    ],
)
def test_words_of_names_and_comparisons_are_no_infrastructure(
    test: str, message: str
) -> None:
    stage = Stage()
    stage.job("Kernels Test", log=pytest_log({test: message}))
    stage.before("Kernels Test", *PASSED[:5])
    cause = stage.only()
    assert cause.verdict.category == "NEW_REGRESSION"
    assert weight(cause, "INFRA_SUSPECTED") == 0
    assert weight(cause, "FLAKY_SUSPECTED") == 0


def test_a_named_test_with_a_message_is_a_new_regression_not_a_case_for_people() -> (
    None
):
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    cause = stage.only()
    assert cause.verdict.category == "NEW_REGRESSION"
    (seen,) = cause.occurrences
    assert seen.exception == "AssertionError"
    assert "logits of layer norm differ" in (seen.message or "")


def test_a_package_that_is_missing_is_a_new_regression_not_a_case_for_people() -> None:
    stage = Stage()
    said = "ModuleNotFoundError: No module named 'six'"
    stage.job("Kernels Test", log=pytest_log({TEST: said}))
    assert stage.only().verdict.category == "NEW_REGRESSION"


def test_a_job_that_crashed_without_a_word_is_no_new_regression() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=b"~~~ Running commands\n+++ run\nall went well\n")
    assert stage.only().verdict.category == "NEEDS_HUMAN_TRIAGE"


def test_a_job_without_a_log_says_so() -> None:
    stage = Stage()
    stage.job("Kernels Test")
    cause = stage.only()
    assert cause.verdict.category == "NEEDS_HUMAN_TRIAGE"
    assert "it has no log" in cause.verdict.reason


# Exit statuses, signals and states.


@pytest.mark.parametrize(
    ("more", "category", "trouble"),
    [
        pytest.param(
            {"exit_status": -1}, "INFRA_SUSPECTED", "agent_lost", id="lost agent"
        ),
        pytest.param(
            {"exit_status": -1, "signal": "SIGTERM", "signal_reason": "agent_stop"},
            "INFRA_SUSPECTED",
            "agent_lost",
            id="stopped agent",
        ),
        pytest.param(
            {"word": "expired"}, "INFRA_SUSPECTED", "agent_lost", id="no agent"
        ),
        pytest.param(
            {"exit_status": 137}, "INFRA_SUSPECTED", "out_of_memory", id="137"
        ),
        pytest.param(
            {"exit_status": None, "signal": "SIGKILL"},
            "INFRA_SUSPECTED",
            "out_of_memory",
            id="SIGKILL",
        ),
        pytest.param({"exit_status": 125}, "INFRA_SUSPECTED", "setup", id="125"),
        pytest.param({"exit_status": 139}, "NEW_REGRESSION", "crash", id="139"),
        pytest.param({"exit_status": 134}, "NEW_REGRESSION", "crash", id="134"),
    ],
)
def test_how_a_job_died_tells_without_a_log(
    more: dict[str, Any], category: Category, trouble: Trouble
) -> None:
    stage = Stage()
    stage.job("Kernels Test", **more)
    found = stage.only().verdict
    assert (found.category, found.trouble) == (category, trouble)


@pytest.mark.parametrize("status", [137, -1])
def test_a_machine_that_dies_under_failing_tests_is_a_cause_of_its_own(
    status: int,
) -> None:
    stage = Stage()
    stage.job("Kernels Test", exit_status=status, log=LOG)
    by_category = {cause.verdict.category: cause for cause in stage.scan()}
    assert by_category["NEW_REGRESSION"].tests == (TEST,)
    assert by_category["INFRA_SUSPECTED"].tests == ()


def test_many_time_outs_are_the_fleet() -> None:
    stage = Stage()
    for name in ("Ops", "Models", "LoRA", "Engine", "Spec", "Quantization"):
        stage.job(f"{name} Test", word="timed_out")
    assert {cause.verdict.category for cause in stage.scan()} == {"INFRA_SUSPECTED"}


def test_one_time_out_after_passes_is_no_infrastructure_for_sure() -> None:
    stage = Stage()
    stage.job("Engine Test", word="timed_out")
    stage.before("Engine Test", *PASSED[:8])
    found = stage.only().verdict
    assert (found.category, found.trouble) == ("NEW_REGRESSION", "timeout")
    assert found.level != "high"


def test_a_crash_on_a_sick_host_is_not_the_codes() -> None:
    stage = Stage()
    stage.green(60)
    for name in NAMES:
        stage.job(name, exit_status=139, host="gpu-sick")
    assert {cause.verdict.category for cause in stage.scan()} == {"INFRA_SUSPECTED"}


# Places.


def test_unrelated_failures_on_one_host_are_the_hosts() -> None:
    stage = Stage()
    stage.green(80)
    for number, name in enumerate(NAMES):
        message = f"RuntimeError: {'abcd'[number]} kernel gave wrong results for it"
        log = pytest_log({f"{name[:3].lower()}/test_x.py::test_x": message})
        stage.job(name, host="gpu-sick", log=log)
    for cause in stage.scan():
        assert cause.verdict.category == "INFRA_SUSPECTED"
        assert cause.verdict.trouble == "sick_agent"
        assert "4 of 4 jobs on gpu-sick failed" in cause.verdict.reason


def test_shards_of_one_step_on_one_host_are_not_the_hosts() -> None:
    stage = Stage()
    stage.green(80)
    for shard in range(4):
        stage.job(f"Kernels Test {shard + 1}", host="gpu-only", shard=shard, log=LOG)
    stage.before("Kernels Test 1", *PASSED[:5])
    (cause,) = stage.scan()
    assert cause.verdict.category == "NEW_REGRESSION"


def test_the_same_failure_on_several_machines_is_the_codes() -> None:
    stage = Stage()
    for hardware in ("H100", "B200", "MI325"):
        stage.job(f"Kernels Test ({hardware})", log=LOG)
    cause = stage.only()
    assert cause.verdict.category == "NEW_REGRESSION"
    assert "on 3 machines" in cause.verdict.reason


def test_an_outage_is_one_cause_whatever_missed_the_service() -> None:
    stage = Stage()
    stage.green(40)
    for number, name in enumerate(NAMES[:3]):
        test = f"{number}/test_x.py::test_loads"
        stage.job(name, log=pytest_log({test: HUB}))
    setup = (
        b"~~~ Preparing\n+++ Fetching\ncurl: (6) Could not resolve host: hub.acme.ai\n"
    )
    stage.job(NAMES[3], log=setup, duration_s=12.0)
    cause = stage.only()
    assert (cause.verdict.category, cause.verdict.trouble) == (
        "INFRA_SUSPECTED",
        "outage",
    )
    assert cause.verdict.level == "high"
    assert len(cause.jobs) == 4


def test_one_job_that_misses_a_service_is_infrastructure() -> None:
    stage = Stage()
    stage.job("Models Test", log=pytest_log({"m/test_x.py::test_loads": HUB}))
    stage.before("Models Test", *PASSED[:8])
    assert stage.only().verdict.category == "INFRA_SUSPECTED"


def test_a_device_error_is_infrastructure() -> None:
    stage = Stage()
    stage.job("Models Test", log=pytest_log({"m/test_x.py::test_runs": ECC}))
    stage.before("Models Test", *PASSED[:8])
    found = stage.only().verdict
    assert (found.category, found.trouble) == ("INFRA_SUSPECTED", "sick_agent")


def test_a_job_that_fails_at_once_was_not_set_up() -> None:
    log = b"~~~ Preparing plugins\ndocker: Error response from daemon: no such thing\n"
    stage = Stage()
    stage.job("Models Test", log=log, duration_s=9.0)
    found = stage.only().verdict
    assert found.category == "INFRA_SUSPECTED"
    assert any("failed within 9 s" in item.text for item in found.evidence)


def test_a_session_that_failed_as_a_whole_is_one_cause() -> None:
    failures = {
        f"engine/test_{part}.py::test_{number}": f"RuntimeError: {part}{number} is off"
        for part in "abc"
        for number in range(5)
    }
    stage = Stage()
    stage.job("Engine Test", log=pytest_log(failures, passed=1))
    cause = stage.only()
    assert len(cause.tests) == 15
    evidence = [item.text for item in cause.verdict.evidence]
    assert "94 % of the 16 tests of its session failed" in evidence


# Retries.


def retried(log: bytes, **more: Any) -> Stage:  # noqa: ANN401 - as of an attempt
    """A job that failed and passed on the next attempt."""
    stage = Stage()
    stage.job("Kernels Test", log=log, retried=True, retried_in="job-2", **more)
    stage.job("Kernels Test", word="passed")
    stage.before("Kernels Test", *PASSED[:8])
    return stage


def test_a_pass_on_retry_is_flaky_and_no_failure() -> None:
    cause = retried(LOG).only()
    assert (cause.verdict.category, cause.verdict.level) == ("FLAKY_SUSPECTED", "high")
    assert cause.passed_on_retry


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"exit_status": -1}, id="lost agent"),
        pytest.param({"exit_status": 137}, id="killed"),
        pytest.param({"signal_reason": "agent_stop"}, id="stopped agent"),
    ],
)
def test_a_retry_after_a_dead_machine_is_no_flaky_test(
    more: dict[str, Any],
) -> None:
    cause = retried(b"~~~ Running commands\n", **more).only()
    assert cause.verdict.category == "INFRA_SUSPECTED"


def test_a_failure_in_each_attempt_is_no_flaky_test() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG, retried=True, retried_in="job-2")
    stage.job("Kernels Test", log=LOG)
    cause = stage.only()
    assert cause.verdict.category == "NEW_REGRESSION"
    assert "again on a retry" in cause.verdict.reason
    assert len(cause.occurrences) == 2


def test_a_test_that_went_away_on_the_next_attempt_is_flaky() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG, retried=True, retried_in="job-2")
    other = pytest_log({"kernels/test_b.py::test_b": "KeyError: 'the other weight'"})
    stage.job("Kernels Test", log=other)
    by_test = {cause.tests: cause.verdict.category for cause in stage.scan()}
    assert by_test[(TEST,)] == "FLAKY_SUSPECTED"
    assert by_test[("kernels/test_b.py::test_b",)] == "NEW_REGRESSION"


# Earlier builds.


def test_the_longer_it_passed_before_the_surer_it_is_a_regression() -> None:
    found = []
    for builds in (0, 1, 4, 12):
        stage = Stage()
        stage.job("Kernels Test", log=LOG)
        stage.before("Kernels Test", *PASSED[:builds])
        found.append(stage.only().verdict.confidence)
    assert found == sorted(set(found))


def test_a_streak_says_since_when() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.before("Kernels Test", "failed", "failed", "failed", "passed", "passed")
    found = stage.only().verdict
    assert found.category == "NEW_REGRESSION"
    assert found.since is not None
    assert found.since.number == 97


def test_a_streak_without_a_beginning_has_no_since() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.before("Kernels Test", "failed", "failed")
    assert stage.only().verdict.since is None


def test_now_and_then_is_flaky() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.before("Kernels Test", "passed", "failed", "passed", "flaky", "passed")
    assert stage.only().verdict.category == "FLAKY_SUSPECTED"


# The tracker.


def test_an_open_issue_makes_it_known() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.issue(f"[CI Failure]: Kernels Test - {TEST}")
    cause = stage.only()
    assert cause.verdict.category == "KNOWN_TRACKED"
    assert "issue 7000" in cause.verdict.reason


def test_a_similar_tests_issue_hides_no_regression() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.issue("[CI Failure]: Kernels Test - kernels/test_norm.py::test_rms_norm")
    assert stage.only().verdict.category == "NEW_REGRESSION"


def test_a_closed_issue_may_be_back_but_hides_nothing() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.issue(f"[CI Failure]: {TEST}", closed_at=NOW - timedelta(days=3))
    cause = stage.only()
    assert cause.match is not None
    assert cause.match.recurrence
    assert cause.verdict.category == "NEW_REGRESSION"


def test_an_issue_without_the_label_hides_nothing() -> None:
    stage = Stage()
    stage.job("Kernels Test", log=LOG)
    stage.issue(f"[CI Failure]: {TEST}", tracked=False)
    assert stage.only().verdict.category == "NEW_REGRESSION"


def test_a_known_test_on_a_lost_agent_is_not_what_the_issue_is_about() -> None:
    stage = Stage()
    stage.job("Kernels Test", exit_status=-1)
    stage.issue("[CI Failure]: Kernels Test - Kernels Test is lost")
    assert stage.only().verdict.category == "INFRA_SUSPECTED"


# What a verdict says.


def test_every_verdict_lists_its_evidence_for_it_first() -> None:
    stage = retried(LOG)
    found = stage.only().verdict
    assert found.reason == found.evidence[0].text
    assert found.evidence[0].category == found.category
    assert all(item.text for item in found.evidence)


@pytest.mark.parametrize(
    ("confidence", "name"),
    [
        pytest.param(0.99, "high", id="high"),
        pytest.param(0.7, "medium", id="medium"),
        pytest.param(0.3, "low", id="low"),
    ],
)
def test_a_confidence_has_a_name(confidence: float, name: str) -> None:
    assert level(confidence) == name


# What nobody looked at, and what says nothing.


def test_without_the_issues_nobody_is_sure_that_a_failure_is_new() -> None:
    stage = Stage()
    for number in range(4):
        stage.job(f"{NAMES[number]}", log=LOG)
        stage.before(NAMES[number], *PASSED)
    sure = stage.only().verdict
    stage.issues = None
    unsure = stage.only().verdict
    assert (sure.category, unsure.category) == ("NEW_REGRESSION", "NEW_REGRESSION")
    assert sure.confidence > 0.9
    assert unsure.confidence < 0.65
    assert any("issues were not looked at" in item.text for item in unsure.evidence)


def test_a_lost_agent_needs_no_issues() -> None:
    stage = Stage(issues=None)
    stage.job("Kernels Test", exit_status=-1)
    found = stage.only().verdict
    assert (found.category, found.level) == ("INFRA_SUSPECTED", "high")


def test_what_nothing_speaks_of_is_left_to_people() -> None:
    said = "Failed: Timeout (>3.0s) from pytest-timeout."
    stage = Stage()
    stage.job("Kernels Test", log=pytest_log({TEST: said}))
    found = stage.only().verdict
    assert found.category == "NEEDS_HUMAN_TRIAGE"
    assert found.reason == "nothing speaks for one category more than for another"


def test_one_full_disk_among_many_failures_does_not_speak_for_all() -> None:
    failures = {
        f"kernels/test_norm.py::test_{word}": f"ValueError: the {word} is off"
        for word in ("scale", "shape", "stride", "dtype", "device", "layout")
    }
    failures[TEST] = "OSError: [Errno 28] No space left on device"
    stage = Stage()
    for name in NAMES[:3]:
        stage.job(name, log=pytest_log(failures, passed=1))
    found = stage.only()
    assert len(found.tests) == len(failures)
    assert found.verdict.category == "NEW_REGRESSION"
    assert "space" not in found.text


def test_two_attempts_of_one_id_are_judged_all_the_same() -> None:
    stage = Stage()
    stage.job("Kernels Test", job_id="twice")
    stage.job("Models Test", job_id="twice")
    assert {cause.verdict.category for cause in stage.scan()} == {"NEEDS_HUMAN_TRIAGE"}
