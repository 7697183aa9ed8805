"""A test's case: which one is meant, what became of it, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from annotated_types import Ge, Le

from sickbay.ci.history.models import Line
from sickbay.core.errors import BadRequest, NotFound
from sickbay.toolsets.history.analysis.naming import meant, nearest, tail_of
from sickbay.toolsets.history.render.place import repository, web_of
from sickbay.toolsets.history.render.summary import Place
from sickbay.toolsets.history.tools.lines import elsewhere, meant_branch, meant_pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.ci.history.models import Assessment, Observation, Past, Sighting
    from sickbay.core.tool import Call
    from sickbay.toolsets.history.source import HistorySource

TestId = Annotated[str, "test id, as any job spells it"]
JobPattern = Annotated[str | None, "RE2, of job names"]
Lookback = Annotated[int, Ge(1), Le(500), "builds, the newest"]

CANDIDATES = 10_000
EVERY = 1_000_000
LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of a test in a line of builds, the oldest first."""

    past: Past
    observations: tuple[Observation, ...]
    assessment: Assessment
    sightings: tuple[Sighting, ...]
    place: Place

    @property
    def test_id(self) -> str:
        """The test, as it is kept."""
        return self.past.test_id


async def line_of_test(
    source: HistorySource,
    pipeline: str | None,
    branch: str | None,
    *,
    most: int,
    message: str | None = None,
) -> Line:
    """The newest builds of a pipeline and a branch; it need not be kept yet.

    Raises:
        NotFound: There are no builds at all, and nothing that has some.
        BadRequest: The pattern is none.
    """
    try:
        named = await meant_pipeline(source, pipeline)
    except NotFound:
        usual = await source.usual()
        if usual is None:
            raise
        named = usual
    wanted = meant_branch(source, branch)
    return Line(pipeline=named, branch=wanted, message=pattern(message), most=most)


def pattern(text: str | None) -> str | None:
    """A caller's pattern, in any case; None where there is none.

    Raises:
        BadRequest: It is wrong.
    """
    if not text:
        return None
    from sickbay.logs.needle import needle  # noqa: PLC0415 - brings RE2

    needle(text, ignore_case=True)
    return f"(?i){text}"


async def case_of(
    source: HistorySource, call: Call, test_id: str, line: Line, job: str | None
) -> Case:
    """The case of a test.

    Args:
        source: Has the history.
        call: The running call.
        test_id: As somebody wrote it.
        line: Which builds.
        job: Pattern of the names of jobs; None is any.

    Raises:
        NotFound: There is no such test, or there are no such builds.
        BadRequest: It may be several tests.
    """
    past = await _past(source, test_id, line)
    if not past.builds:
        hint = " ".join(await elsewhere(source, line))
        raise NotFound(f"there are no builds of {_named(line)}", hint=hint)
    sightings = await source.reading.sightings(line, past.test_id)
    case: Case = await call.thread(_judged, source, past, sightings, line, job)
    return case


def _judged(
    source: HistorySource,
    past: Past,
    sightings: tuple[Sighting, ...],
    line: Line,
    job: str | None,
) -> Case:
    from sickbay.ci.history.assessment import assessed  # noqa: PLC0415 - brings numpy
    from sickbay.ci.history.outcomes import observed  # noqa: PLC0415 - brings RE2

    observations = observed(past, job=job)
    newest = past.builds[-1]
    place = Place(
        line=line,
        repo=repository(newest.pipeline, newest.source, source.settings.repo),
        web=web_of(source.settings.github_url),
    )
    return Case(
        past=past,
        observations=observations,
        assessment=assessed(observations),
        sightings=sightings,
        place=place,
    )


async def _past(source: HistorySource, wanted: str, line: Line) -> Past:
    from sickbay.ci.scan.families import canonical  # noqa: PLC0415 - brings the engine

    test_id = canonical(wanted.strip())
    if not test_id:
        raise BadRequest("test_nodeid is empty", hint="name a test: file.py::test")
    try:
        return await source.reading.past(test_id, line)
    except NotFound as exc:
        whole = Line(most=EVERY)
        known = await source.reading.test_ids(tail_of(test_id), whole, CANDIDATES)
        found = meant(test_id, known)
        if len(found) == 1:
            return await source.reading.past(found[0], line)
        raise _unclear(test_id, found, known) or exc from None


def _unclear(
    wanted: str, found: Sequence[str], known: Sequence[str]
) -> BadRequest | NotFound | None:
    """Why nobody knows which test is meant, with those that may be."""
    if found:
        said = ", ".join(found[:LISTED])
        more = f" and {len(found) - LISTED} more" if len(found) > LISTED else ""
        return BadRequest(f"{wanted[:120]} may be {len(found)} tests", hint=said + more)
    near = nearest(wanted, known)
    if not near:
        return None
    hint = f"did you mean {' or '.join(near)}"
    return NotFound(f"there is no test {wanted[:120]}", hint=hint)


def _named(line: Line) -> str:
    branch = line.branch or "any branch"
    titled = " with such a title" if line.message else ""
    return f"{branch} of {line.pipeline}{titled}"
