from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sickbay.ci.inputs import DisabledTest, FlakyRule, Inputs
from sickbay.ci.models import Job
from sickbay.ci.triage import triage

if TYPE_CHECKING:
    from sickbay.ci.decisions import Triaged

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NAME = "pull / linux-jammy-py3.10 / test (default, 2, 5, linux.2xlarge)"
TEST = "test_nn.py::TestNN::test_linear"
LINE = f"FAILED [0.1s] {TEST} - AssertionError: Tensor-likes are not close!"

FAILING = Job(
    name=NAME,
    sha="head",
    state="fail",
    conclusion="failure",
    job_id=11,
    runner="i-1",
    author="me",
    branch="gh/me/1/head",
    lines=(LINE,),
    captures=(TEST,),
)
PASSING = replace(FAILING, sha="base", state="ok", conclusion="success", lines=())
ELSEWHERE = replace(FAILING, sha="other", branch="gh/you/2/head", author="you")
BUILD = replace(FAILING, name="pull / linux-jammy-py3.10 / build")
EXIT = "##[error]Process completed with exit code 1."
GENERIC = replace(FAILING, lines=(EXIT,), captures=("exit code 1",))

KNOWN = Inputs(
    base_jobs=(PASSING,),
    base_time=NOW,
    body="",
    labels=(),
    unstable_jobs=(),
    flaky_rules=(),
    disabled_tests=(),
    has_log={11: True},
    similar={NAME: []},
    sha="head",
    branch="gh/me/1/head",
    author="me",
)
DISABLED = DisabledTest(name="test_linear", suite="__main__.TestNN", issue=5)
RULE = FlakyRule(name="linux-jammy", captures=("Tensor-likes",))
SILENT = replace(FAILING, lines=(), captures=())
LINTER = replace(FAILING, name="Lint / bc_linter")


def one(job: Job = FAILING, **known: Any) -> Triaged:  # noqa: ANN401 - fields of Inputs
    (found,) = triage([job], dataclasses.replace(KNOWN, **known))
    return found


@pytest.mark.parametrize(
    ("job", "known", "category", "step"),
    [
        pytest.param(
            replace(FAILING, state="action_required"),
            {},
            "awaiting_approval",
            "approval",
            id="approval",
        ),
        pytest.param(
            LINTER, {"labels": ["suppress-bc-linter"]}, "flaky", "label", id="label"
        ),
        pytest.param(LINTER, {"labels": ["bug"]}, "new_failure", "lint", id="no label"),
        pytest.param(
            replace(FAILING, name=f"{NAME[:-1]}, unstable)"),
            {},
            "unstable",
            "unstable",
            id="unstable by name",
        ),
        pytest.param(
            FAILING,
            {"unstable_jobs": ["pull / linux-jammy-py3.10 / test"]},
            "unstable",
            "unstable",
            id="unstable by issue",
        ),
        pytest.param(
            FAILING,
            {"unstable_jobs": ["pull / linux-jammy-py3.10 / test (default)"]},
            "unstable",
            "unstable",
            id="unstable by issue, in this configuration",
        ),
        pytest.param(
            FAILING,
            {"unstable_jobs": ["pull / linux-jammy-py3.10 / test (slow)"]},
            "new_failure",
            "own",
            id="unstable by issue, in another configuration",
        ),
        pytest.param(
            replace(FAILING, name="Lint / lintrunner"),
            {"base_jobs": (replace(FAILING, name="Lint / lintrunner"),)},
            "new_failure",
            "lint",
            id="lint, whatever the base says",
        ),
        pytest.param(
            FAILING,
            {"base_jobs": (replace(FAILING, name=NAME.replace("2, 5", "4, 6")),)},
            "broken_trunk",
            "merge base",
            id="broken trunk, in another shard",
        ),
        pytest.param(
            BUILD, {"base_jobs": (BUILD,)}, "broken_trunk", "merge base", id="build"
        ),
        pytest.param(
            BUILD,
            {"base_jobs": (replace(PASSING, name=BUILD.name),), "flaky_rules": [RULE]},
            "new_failure",
            "never flaky",
            id="a build does not flake",
        ),
        pytest.param(
            BUILD, {"flaky_rules": [RULE]}, "unknown", "never flaky", id="not there"
        ),
        pytest.param(
            FAILING, {"flaky_rules": [RULE]}, "flaky", "flaky rule", id="flaky rule"
        ),
        pytest.param(
            SILENT,
            {"base_jobs": (replace(SILENT, sha="base"),)},
            "broken_trunk",
            "merge base",
            id="silent on the base, too",
        ),
        pytest.param(
            replace(SILENT, runner=None), {}, "flaky", "no machine", id="no machine"
        ),
        pytest.param(SILENT, {}, "flaky", "no log", id="no line"),
        pytest.param(
            replace(SILENT, state="timed_out"), {}, "new_failure", "own", id="timed out"
        ),
        pytest.param(GENERIC, {"has_log": {11: False}}, "flaky", "no log", id="no log"),
        pytest.param(
            FAILING,
            {"has_log": {11: False}},
            "new_failure",
            "own",
            id="a log that is gone, but not what it said",
        ),
        pytest.param(
            FAILING,
            {"disabled_tests": [DISABLED]},
            "flaky",
            "disabled test",
            id="disabled",
        ),
        pytest.param(
            FAILING,
            {"similar": {NAME: [ELSEWHERE]}},
            "flaky",
            "similar failure",
            id="similar",
        ),
        pytest.param(
            FAILING, {"base_jobs": ()}, "unknown", "not on merge base", id="not on base"
        ),
        pytest.param(FAILING, {}, "new_failure", "own", id="its own"),
    ],
)
def test_the_first_decision_that_applies_wins(
    job: Job, known: dict[str, Any], category: str, step: str
) -> None:
    found = one(job, **known)
    assert (found.category, found.step) == (category, step)
    assert found.evidence


@pytest.mark.parametrize(
    "disabled",
    [
        pytest.param(
            dataclasses.replace(DISABLED, platforms=frozenset({"rocm"})), id="elsewhere"
        ),
        pytest.param(
            dataclasses.replace(DISABLED, suite="__main__.TestOther"), id="other suite"
        ),
        pytest.param(dataclasses.replace(DISABLED, name="test_lin"), id="other test"),
        pytest.param(
            dataclasses.replace(DISABLED, closed_at=NOW - timedelta(1)), id="closed"
        ),
    ],
)
def test_an_issue_about_something_else_excuses_nothing(disabled: DisabledTest) -> None:
    assert one(disabled_tests=[disabled]).category == "new_failure"


def test_an_issue_closed_after_the_merge_base_still_excuses() -> None:
    closed = dataclasses.replace(DISABLED, closed_at=NOW + timedelta(1))
    assert one(disabled_tests=[closed]).category == "flaky"


def test_a_test_that_the_change_claims_to_fix_is_its_own() -> None:
    found = one(disabled_tests=[DISABLED], body="Fixes #5")
    assert found.category == "new_failure"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(ELSEWHERE, sha="head"), id="the same commit"),
        pytest.param(replace(ELSEWHERE, branch="gh/me/1/head"), id="the same branch"),
        pytest.param(replace(ELSEWHERE, author="me"), id="the same author"),
        pytest.param(replace(ELSEWHERE, conclusion="timed_out"), id="another end"),
        pytest.param(replace(ELSEWHERE, captures=("x",)), id="another failure"),
    ],
)
def test_what_is_not_the_same_failure_of_others_excuses_nothing(other: Job) -> None:
    assert one(similar={NAME: [other]}).category == "new_failure"


def test_a_failure_that_says_nothing_special_is_not_excused_by_likeness() -> None:
    likes = {NAME: [replace(GENERIC, sha="other", branch="b", author="you")]}
    assert one(GENERIC, similar=likes).category == "new_failure"
    same = replace(GENERIC, name="pull / other / test (unstable)")
    found = triage([GENERIC, same], KNOWN)
    assert [item.category for item in found] == ["new_failure", "unstable"]


def test_the_same_failure_in_an_excused_job_is_excused_too() -> None:
    other = replace(FAILING, name="pull / other / test (default, 1, 1, x, unstable)")
    found = triage([FAILING, other], KNOWN)
    assert [item.category for item in found] == ["unstable", "unstable"]
    assert found[0].like == other
    assert other.name in found[0].evidence


CLOSED = dataclasses.replace(DISABLED, closed_at=NOW - timedelta(1))


@pytest.mark.parametrize(
    ("missing", "job", "known"),
    [
        pytest.param("labels", LINTER, {}, id="labels"),
        pytest.param("unstable_jobs", FAILING, {}, id="unstable jobs"),
        pytest.param("base_jobs", FAILING, {}, id="base jobs"),
        pytest.param("flaky_rules", FAILING, {}, id="rules"),
        pytest.param("has_log", GENERIC, {}, id="has log"),
        pytest.param("disabled_tests", FAILING, {}, id="disabled tests"),
        pytest.param("body", FAILING, {"disabled_tests": [DISABLED]}, id="body"),
        pytest.param("base_time", FAILING, {"disabled_tests": [CLOSED]}, id="time"),
        pytest.param("similar", FAILING, {}, id="similar"),
    ],
)
def test_an_input_that_could_have_decided_is_named_when_missing(
    missing: str, job: Job, known: dict[str, Any]
) -> None:
    assert one(job, **known).missing == ()
    assert one(job, **known, **{missing: None}).missing == (missing,)


@pytest.mark.parametrize(
    ("missing", "job"),
    [
        pytest.param("labels", FAILING, id="no label accepts it"),
        pytest.param("body", FAILING, id="no issue is about it"),
        pytest.param("base_time", FAILING, id="no closed issue is about it"),
        pytest.param("has_log", FAILING, id="it says enough"),
        pytest.param("similar", GENERIC, id="likeness proves nothing"),
        pytest.param("disabled_tests", GENERIC, id="it names no test"),
        pytest.param("flaky_rules", SILENT, id="nothing that a rule could know"),
    ],
)
def test_an_input_that_could_not_have_decided_is_not_missed(
    missing: str, job: Job
) -> None:
    assert one(job, **{missing: None}) == one(job)


def test_a_search_that_was_not_made_is_missed() -> None:
    assert one(similar={"another job": []}).missing == ("similar",)


def test_an_input_that_comes_after_the_decision_is_not_missed() -> None:
    unstable = replace(FAILING, name=f"{NAME[:-1]}, unstable)")
    assert one(unstable, similar=None, flaky_rules=None).missing == ()


def test_a_broken_rule_spoils_no_triage() -> None:
    broken = FlakyRule(name="(", captures=("(",))
    assert one(flaky_rules=[broken, RULE]).category == "flaky"


def test_a_rule_without_captures_excuses_nothing() -> None:
    assert one(flaky_rules=[FlakyRule(name=".", captures=())]).category == "new_failure"


def test_a_rule_for_any_job_has_no_name() -> None:
    rule = FlakyRule(name="", captures=RULE.captures)
    assert one(flaky_rules=[rule]).category == "flaky"


@pytest.mark.parametrize(
    ("job", "capture"),
    [
        pytest.param(FAILING, "Test", id="any test"),
        pytest.param(FAILING, ".", id="anything"),
        pytest.param(GENERIC, "Process completed with exit code 1", id="any step"),
    ],
)
def test_a_rule_that_fits_any_failure_excuses_nothing_and_is_named(
    job: Job, capture: str
) -> None:
    found = one(job, flaky_rules=[FlakyRule(name="linux", captures=(capture,))])
    assert found.category == "new_failure"
    assert f"a rule for {capture} would fit any failure" in found.evidence


def test_a_rule_is_told_from_others_by_any_of_its_captures() -> None:
    rule = FlakyRule(name="linux", captures=("Test", "Tensor-likes"))
    assert one(flaky_rules=[rule]).category == "flaky"


def test_a_generic_failure_on_the_merge_base_is_doubted() -> None:
    assert "could be of any failure" in one(GENERIC, base_jobs=(GENERIC,)).evidence
    assert "could be of any failure" not in one(base_jobs=(FAILING,)).evidence
    assert "prove nothing" in one(GENERIC).evidence


def test_other_commands_before_the_same_line_are_another_failure() -> None:
    ours = replace(FAILING, context=("+ python test/run_test.py --shard 1 5",))
    theirs = replace(ours, sha="base", context=("+ cmake --build . --target all",))
    assert one(ours, base_jobs=(theirs,)).category == "new_failure"
    assert one(ours, base_jobs=(replace(theirs, context=ours.context),)).step == (
        "merge base"
    )


def test_what_passed_or_was_cancelled_without_a_word_needs_no_triage() -> None:
    stopped = replace(FAILING, state="cancelled", lines=(), captures=())
    assert triage([PASSING, stopped], KNOWN) == ()
    assert len(triage([replace(stopped, lines=(LINE,))], KNOWN)) == 1


JOBS = [FAILING, BUILD, replace(GENERIC, name="trunk / a / test"), PASSING]


@given(st.permutations(JOBS))
def test_the_order_of_jobs_changes_no_decision(jobs: list[Job]) -> None:
    found = {item.job.name: item.category for item in triage(jobs, KNOWN)}
    assert found == {item.job.name: item.category for item in triage(JOBS, KNOWN)}
    assert len(found) == 3


TEXTS = st.lists(st.text(max_size=60), max_size=2).map(tuple)
DISABLING = st.builds(DisabledTest, name=st.text(), suite=st.text(), issue=st.none())
RULES = st.builds(FlakyRule, name=st.text(max_size=30), captures=TEXTS)


@given(
    st.text(max_size=80), TEXTS, TEXTS, st.lists(RULES, max_size=3), st.lists(DISABLING)
)
def test_whatever_strangers_write_is_triaged(
    name: str,
    lines: tuple[str, ...],
    captures: tuple[str, ...],
    rules: list[FlakyRule],
    disabled: list[DisabledTest],
) -> None:
    job = replace(FAILING, name=name, lines=lines, captures=captures)
    found = one(job, flaky_rules=rules, disabled_tests=disabled)
    assert found.job == job
    assert found.evidence
