"""Decisions: whose failure a job of a pull request is, the first that applies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sickbay.ci.excuses import fits_anything, fitting, tests_named
from sickbay.ci.likeness import same_failure, same_job
from sickbay.ci.messages import fixed_issues
from sickbay.ci.names import folded, is_unstable
from sickbay.ci.signs import sign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.inputs import Category, Inputs
    from sickbay.ci.models import Job

LINT = "lint"
EXCLUDED = "never flaky"

_NEVER_FLAKY = (
    "lint",
    "linux-docs",
    "ghstack-mergeability-check",
    "backwards_compat",
    "pr-sanity-checks",
    "/ build",
    "check labels",
)
_SUPPRESSED = {
    "bc_linter": frozenset({"suppress-bc-linter", "suppress-api-compatibility-check"})
}
"""Jobs whose failure a label of the pull request accepts."""

_VAGUE = "what it says could be of any failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Triaged:
    """One failing job, and whose failure it is.

    Attributes:
        step: The decision that applied.
        evidence: Why, in words.
        like: A job elsewhere that fails the same way, if that decided.
        missing: Inputs that were not to be had and might have decided otherwise.
    """

    job: Job
    category: Category
    step: str
    evidence: str
    like: Job | None = None
    missing: tuple[str, ...] = ()


class _Finding(NamedTuple):
    category: Category
    evidence: str
    like: Job | None = None


_Decide = Callable[["Job", "Inputs"], _Finding | None]
_Lacks = Callable[["Job", "Inputs"], bool]


def decided(job: Job, inputs: Inputs) -> Triaged:
    """Whose failure one job is, by itself.

    Args:
        job: It failed, or waits for approval.
        inputs: What is known besides.
    """
    missing: dict[str, None] = {}
    for step, needed, decide in _STEPS:
        missing |= {name: None for name in needed if _LACKS[name](job, inputs)}
        found = decide(job, inputs)
        if found:
            return Triaged(
                job=job,
                category=found.category,
                step=step,
                evidence=found.evidence,
                like=found.like,
                missing=tuple(missing),
            )
    raise AssertionError("the last step always decides")


def _approval(job: Job, _inputs: Inputs) -> _Finding | None:
    if job.state not in {"action_required", "startup_failure"}:
        return None
    return _Finding("awaiting_approval", f"its run ended as {job.state}, before a job")


def _suppressed(job: Job, inputs: Inputs) -> _Finding | None:
    for label in sorted(_labels(job) & set(inputs.labels or ())):
        return _Finding("flaky", f"the label {label} accepts its failure")
    return None


def _unstable(job: Job, inputs: Inputs) -> _Finding | None:
    if is_unstable(job.name):
        return _Finding("unstable", "its name says unstable")
    bare = job.name.partition(" (")[0]
    if {job.name, folded(job.name), bare} & set(inputs.unstable_jobs or ()):
        return _Finding("unstable", "an open issue calls it unstable")
    return None


def _lint(job: Job, _inputs: Inputs) -> _Finding | None:
    if "lint" not in job.name.lower():
        return None
    return _Finding("new_failure", "what a linter finds is always of the change")


def _broken_trunk(job: Job, inputs: Inputs) -> _Finding | None:
    for other in inputs.base_jobs or ():
        if other.failed and same_job(job, other) and same_failure(job, other):
            said = "the merge base fails the same way in the same job"
            doubt = "" if sign(job).telling else f"; but {_VAGUE}"
            return _Finding("broken_trunk", said + doubt, other)
    return None


def _excluded(job: Job, inputs: Inputs) -> _Finding | None:
    name = job.name.lower()
    kind = next((kind for kind in _NEVER_FLAKY if kind in name), None)
    if kind is None:
        return None
    if inputs.base_jobs is not None and not _ran_on_base(job, inputs):
        return _Finding("unknown", _NOT_ON_BASE)
    return _Finding("new_failure", f"jobs like this ({kind.strip(' /')}) do not flake")


def _known_flaky(job: Job, inputs: Inputs) -> _Finding | None:
    for rule in fitting(inputs.flaky_rules or (), job):
        if not fits_anything(rule):
            return _Finding("flaky", f"a rule knows {' and '.join(rule.captures)}")
    return None


def _no_machine(job: Job, _inputs: Inputs) -> _Finding | None:
    if job.runner or job.lines or job.state != "fail":
        return None
    return _Finding("flaky", "no machine took it: the infrastructure's failure")


def _silent(job: Job, inputs: Inputs) -> _Finding | None:
    if job.state != "fail":
        return None
    if not job.lines:
        said = "no line of its log was recognised as its failure; its log may tell more"
        return _Finding("flaky", said)
    stored = job.job_id is None or (inputs.has_log or {}).get(job.job_id, True)
    if stored or sign(job).telling:
        return None
    return _Finding("flaky", f"its log is not stored, and {_VAGUE}")


def _disabled(job: Job, inputs: Inputs) -> _Finding | None:
    fixed = fixed_issues(inputs.body or "")
    for test in tests_named(job, inputs.disabled_tests or ()):
        issue = f"issue {test.issue}" if test.issue else "an issue"
        if test.closed_at is None and test.issue not in fixed:
            said = f"{issue} disables {test.name} ({test.suite})"
            return _Finding("flaky", said)
        if test.closed_at and inputs.base_time and test.closed_at > inputs.base_time:
            said = f"{issue} disabled {test.name} ({test.suite}) when it began"
            return _Finding("flaky", said)
    return None


def _similar(job: Job, inputs: Inputs) -> _Finding | None:
    if not sign(job).telling:
        return None
    for other in (inputs.similar or {}).get(job.name, ()):
        if _of_others(other, inputs) and same_failure(job, other):
            where = other.branch or other.sha[:10]
            said = f"the same failure was seen on {where}, by somebody else"
            return _Finding("flaky", said, other)
    return None


def _not_run(job: Job, inputs: Inputs) -> _Finding | None:
    if inputs.base_jobs is None or _ran_on_base(job, inputs):
        return None
    return _Finding("unknown", "; ".join((_NOT_ON_BASE, *_doubts(job, inputs))))


def _own(job: Job, inputs: Inputs) -> _Finding:
    said = "; ".join(("nothing else explains it", *_doubts(job, inputs)))
    return _Finding("new_failure", said)


_STEPS: tuple[tuple[str, tuple[str, ...], _Decide], ...] = (
    ("approval", (), _approval),
    ("label", ("labels",), _suppressed),
    ("unstable", ("unstable_jobs",), _unstable),
    (LINT, (), _lint),
    ("merge base", ("base_jobs",), _broken_trunk),
    (EXCLUDED, (), _excluded),
    ("flaky rule", ("flaky_rules",), _known_flaky),
    ("no machine", (), _no_machine),
    ("no log", ("has_log",), _silent),
    ("disabled test", ("disabled_tests", "body", "base_time"), _disabled),
    ("similar failure", ("similar",), _similar),
    ("not on merge base", (), _not_run),
    ("own", (), _own),
)
"""What decides, what it asks for, and how: in Dr.CI's order."""

_LACKS: dict[str, _Lacks] = {
    "labels": lambda job, known: known.labels is None and bool(_labels(job)),
    "unstable_jobs": lambda job, known: (
        known.unstable_jobs is None and not is_unstable(job.name)
    ),
    "base_jobs": lambda _job, known: known.base_jobs is None,
    "flaky_rules": lambda job, known: (
        known.flaky_rules is None and bool(job.lines or job.captures)
    ),
    "has_log": lambda job, known: (
        bool(job.lines)
        and not sign(job).telling
        and job.job_id not in (known.has_log or {})
    ),
    "disabled_tests": lambda job, known: (
        known.disabled_tests is None and bool(sign(job).tests)
    ),
    "body": lambda job, known: known.body is None and _named(job, known, closed=False),
    "base_time": lambda job, known: (
        known.base_time is None and _named(job, known, closed=True)
    ),
    "similar": lambda job, known: (
        sign(job).telling and job.name not in (known.similar or {})
    ),
}
"""Whether an input that was not to be had could have decided of a job."""

_NOT_ON_BASE = "the job did not run on the merge base"


def _labels(job: Job) -> frozenset[str]:
    """Labels that accept the failure of a job."""
    accepting = (labels for name, labels in _SUPPRESSED.items() if name in job.name)
    return next(accepting, frozenset())


def _named(job: Job, inputs: Inputs, *, closed: bool) -> bool:
    """Whether an issue that is open, or closed, disables a test that failed."""
    tests = tests_named(job, inputs.disabled_tests or ())
    return any((test.closed_at is not None) == closed for test in tests)


def _ran_on_base(job: Job, inputs: Inputs) -> bool:
    return any(
        (other.passed or other.failed) and same_job(job, other)
        for other in inputs.base_jobs or ()
    )


def _of_others(other: Job, inputs: Inputs) -> bool:
    """Whether a failure is of another change by somebody else."""
    if other.sha == inputs.sha:
        return False
    if inputs.branch and other.branch == inputs.branch:
        return False
    return not (inputs.author and other.author == inputs.author)


def _doubts(job: Job, inputs: Inputs) -> Iterator[str]:
    """What would have excused it, had it told this failure from any other."""
    for rule in fitting(inputs.flaky_rules or (), job):
        yield f"a rule for {' and '.join(rule.captures)} would fit any failure"
    if job.lines and not sign(job).telling:
        yield f"{_VAGUE}, so others like it prove nothing"
