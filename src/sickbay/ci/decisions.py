"""Decisions: whose failure a job of a pull request is, the first that applies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from rapidfuzz.distance import JaroWinkler

from sickbay.ci.messages import fixed_issues
from sickbay.ci.names import folded, is_unstable, platforms, without_fleet
from sickbay.ci.signs import sign
from sickbay.core.errors import SickbayError
from sickbay.logs.needle import needle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sickbay.ci.inputs import DisabledTest, FlakyRule, Inputs
    from sickbay.ci.models import Job
    from sickbay.logs.needle import Needle

Category = Literal[
    "new_failure",
    "broken_trunk",
    "flaky",
    "unstable",
    "awaiting_approval",
    "unknown",
]
"""``unknown``: it failed, but did not run where the pull request began."""

LINT = "lint"
EXCLUDED = "never flaky"

_SAME_CONTEXT = 0.95
"""Jaro-Winkler similarity of the commands before two failures that are the same."""

_NEVER_FLAKY = (
    "lint",
    "linux-docs",
    "ghstack-mergeability-check",
    "backwards_compat",
    "pr-sanity-checks",
    "/ build",
    "check labels",
)
_SUPPRESSED = {"bc_linter": "suppress-bc-linter"}
"""Jobs whose failure a label of the pull request accepts."""


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


def decided(job: Job, inputs: Inputs) -> Triaged:
    """Whose failure one job is, by itself.

    Args:
        job: It failed, or waits for approval.
        inputs: What is known besides.
    """
    missing: list[str] = []
    for step, needed, decide in _STEPS:
        missing += (
            name
            for name in needed
            if getattr(inputs, name) is None and name not in missing
        )
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
    for name, label in _SUPPRESSED.items():
        if name in job.name and label in (inputs.labels or ()):
            return _Finding("flaky", f"the label {label} accepts its failure")
    return None


def _unstable(job: Job, inputs: Inputs) -> _Finding | None:
    if is_unstable(job.name):
        return _Finding("unstable", "its name says unstable")
    bare = job.name.partition(" (")[0]
    if {job.name, bare} & set(inputs.unstable_jobs or ()):
        return _Finding("unstable", "an open issue calls it unstable")
    return None


def _lint(job: Job, _inputs: Inputs) -> _Finding | None:
    if "lint" not in job.name.lower():
        return None
    return _Finding("new_failure", "what a linter finds is always of the change")


def _broken_trunk(job: Job, inputs: Inputs) -> _Finding | None:
    for other in inputs.base_jobs or ():
        if other.failed and _same_job(job, other) and _same_failure(job, other):
            said = "the merge base fails the same way in the same job"
            return _Finding("broken_trunk", said, other)
    return None


def _excluded(job: Job, inputs: Inputs) -> _Finding | None:
    name = job.name.lower()
    kind = next((kind for kind in _NEVER_FLAKY if kind in name), None)
    if kind is None:
        return None
    if inputs.base_jobs is not None and not _ran_on_base(job, inputs):
        return _not_on_base()
    return _Finding("new_failure", f"jobs like this ({kind.strip(' /')}) do not flake")


def _known_flaky(job: Job, inputs: Inputs) -> _Finding | None:
    for rule in inputs.flaky_rules or ():
        if _matches(rule, job):
            return _Finding("flaky", f"a rule knows {' and '.join(rule.captures)}")
    return None


def _no_machine(job: Job, _inputs: Inputs) -> _Finding | None:
    if job.runner or job.lines or job.state != "fail":
        return None
    return _Finding("flaky", "no machine took it: the infrastructure's failure")


def _silent(job: Job, inputs: Inputs) -> _Finding | None:
    if not job.lines:
        said = "no line of its log was recognised as its failure; its log may tell more"
        return _Finding("flaky", said)
    if job.job_id is not None and (inputs.has_log or {}).get(job.job_id) is False:
        return _Finding("flaky", "its log was never stored, as when a machine is lost")
    return None


def _disabled(job: Job, inputs: Inputs) -> _Finding | None:
    fixed = fixed_issues(inputs.body or "")
    for test in inputs.disabled_tests or ():
        if not _names(job, test) or (test.issue in fixed and test.closed_at is None):
            continue
        if test.closed_at and not (
            inputs.base_time and test.closed_at > inputs.base_time
        ):
            continue
        issue = f"issue {test.issue}" if test.issue else "an issue"
        how = "disabled it until after the merge base" if test.closed_at else "disables"
        return _Finding("flaky", f"{issue} {how} {test.name} ({test.suite})")
    return None


def _similar(job: Job, inputs: Inputs) -> _Finding | None:
    if not sign(job).telling:
        return None
    for other in (inputs.similar or {}).get(job.name, ()):
        if _of_others(other, inputs) and _same_failure(job, other):
            where = other.branch or other.sha[:10]
            said = f"the same failure was seen on {where}, by somebody else"
            return _Finding("flaky", said, other)
    return None


def _not_run(job: Job, inputs: Inputs) -> _Finding | None:
    if inputs.base_jobs is None or _ran_on_base(job, inputs):
        return None
    return _not_on_base()


def _own(_job: Job, _inputs: Inputs) -> _Finding:
    return _Finding("new_failure", "nothing else explains it")


_STEPS: tuple[tuple[str, tuple[str, ...], _Decide], ...] = (
    ("approval", (), _approval),
    ("label", ("labels",), _suppressed),
    ("unstable", ("unstable_jobs",), _unstable),
    (LINT, (), _lint),
    ("merge base", ("base_jobs",), _broken_trunk),
    (EXCLUDED, ("base_jobs",), _excluded),
    ("flaky rule", ("flaky_rules",), _known_flaky),
    ("no machine", (), _no_machine),
    ("no log", ("has_log",), _silent),
    ("disabled test", ("disabled_tests", "body", "base_time"), _disabled),
    ("similar failure", ("similar",), _similar),
    ("not on merge base", ("base_jobs",), _not_run),
    ("own", (), _own),
)
"""What decides, what it asks for, and how: in Dr.CI's order."""


def _not_on_base() -> _Finding:
    return _Finding("unknown", "the job did not run on the merge base")


def _ran_on_base(job: Job, inputs: Inputs) -> bool:
    return any(
        (other.passed or other.failed) and _same_job(job, other)
        for other in inputs.base_jobs or ()
    )


def _same_job(one: Job, other: Job) -> bool:
    return without_fleet(folded(one.name)) == without_fleet(folded(other.name))


def _same_failure(one: Job, other: Job) -> bool:
    """The same end, the same captures and, where known, the same command before."""
    if one.conclusion != other.conclusion or not one.captures:
        return False
    if one.captures != other.captures:
        return False
    if not (one.context and other.context):
        return True
    alike = JaroWinkler.similarity(one.context[0], other.context[0])
    return alike >= _SAME_CONTEXT


def _of_others(other: Job, inputs: Inputs) -> bool:
    """Whether a failure is of another change by somebody else."""
    if other.sha == inputs.sha:
        return False
    if inputs.branch and other.branch == inputs.branch:
        return False
    return not (inputs.author and other.author == inputs.author)


def _matches(rule: FlakyRule, job: Job) -> bool:
    return (
        bool(rule.captures)
        and all(
            any(_found(pattern, text) for text in (*job.captures, *job.lines))
            for pattern in rule.captures
        )
        and _found(rule.name, job.name)
    )


def _found(pattern: str, text: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is not None and compiled.find(text.encode()) >= 0


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Needle | None:
    """A rule's pattern, or None where it is none: one bad rule spoils no triage."""
    try:
        return needle(pattern)
    except SickbayError:
        return None


def _names(job: Job, test: DisabledTest) -> bool:
    """Whether the job fails in this test, where the issue disables it."""
    if test.platforms and not test.platforms & platforms(job.name):
        return False
    suite = test.suite.rpartition(".")[2]
    return any((test.name, suite) == pair for pair in _tests(job))


def _tests(job: Job) -> Iterator[tuple[str, str]]:
    """Name and suite of each test that the failure names."""
    for test_id in sign(job).tests:
        parts = test_id.replace(" (", "::").rstrip(")").split("::")
        if " (" in test_id:
            yield parts[0], parts[-1].rpartition(".")[2]
        elif len(parts) > 1:
            yield parts[-1].partition("[")[0], parts[-2]
