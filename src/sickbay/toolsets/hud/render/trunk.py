"""The page about the trunk: the verdict first, then its causes, then the grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.coverage import coverage
from sickbay.render.page import Drawing, Quote, block, line
from sickbay.render.words import amount, lasting
from sickbay.toolsets.hud.render.words import commit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]

OVER = 5
FLAKY = 5

_MOODS = {"red": "bold red", "degraded": "bold yellow", "green": "bold green"}


def trunk_page(document: Document, name: str, grid: Drawing) -> Iterator[Part]:
    """What a branch comes to.

    Args:
        document: The result of ``trunk_status``.
        name: Of the branch and its repository.
        grid: Drawn.
    """
    yield block(_verdict(document, name))
    by_verdict: dict[str, list[Document]] = {}
    for cause in document["causes"]:
        by_verdict.setdefault(cause["verdict"], []).append(cause)
    current = by_verdict.get("ongoing", []) + by_verdict.get("new", [])
    for number, cause in enumerate(current, 1):
        yield block(_cause(number, cause))
    yield block(_over(by_verdict.get("fixed", [])))
    yield block(_flaky(by_verdict.get("flaky", [])))
    yield grid
    yield block(_foot(document, current))


def _verdict(document: Document, name: str) -> Iterator[Line]:
    health = document["health"]
    mood = _MOODS.get(health, "bold")
    yield line(health.upper(), " ", Quote(name), f": {document['reason']}", mood=mood)
    if since := document["since"]:
        least = "at least " if document["clipped"] else ""
        age = document["lasts_s"]
        lasts = f"For {least}{lasting(age)}, since " if age is not None else "Since "
        yield line(lasts, *commit(since), level=1)
    if document["clipped"]:
        said = "It may be older than these commits: ask for more with --commits."
        yield line(said, level=1, mood="yellow")
    if document["unfinished"]:
        newest = amount(document["unfinished"], "commit")
        yield line(f"The newest {newest} have not finished.", level=1, mood="dim")


def _cause(number: int, cause: Document) -> Iterator[Line]:
    blocks = "" if cause["blocking"] else ", blocks nothing"
    jobs = amount(cause["job_count"], "job")
    head = f"{number}. {cause['verdict']}, {cause['category']}, {jobs}{blocks}"
    yield line(head, mood="bold" if cause["blocking"] else "yellow")
    yield line(Quote(cause["line"] or "no line is known"), level=1, mood="red")
    yield line(cause["why"], level=1)
    first, culprit = cause["first_bad"], cause["culprit"]
    if not (culprit and culprit["sha"] == first["sha"]):
        least = "at least " if cause["clipped"] else ""
        yield line(f"Since: {least}", *commit(first), level=1)
    yield from _blame(cause)
    yield line("Jobs: ", *_listed(cause["jobs"], cause["job_count"]), level=1)
    if cause["tests"]:
        tests = _listed(cause["tests"], cause["test_count"])
        yield line("Tests: ", *tests, level=1)
    if cause["job_id"]:
        look = f"Look: sickbay hud job {cause['job_id']} --explain"
        yield line(look, level=1, mood="cyan")


def _blame(cause: Document) -> Iterator[Line]:
    if cause["culprit"]:
        why = f" ({cause['culprit_why']})" if cause["culprit_why"] else ""
        yield line("Brought by: ", *commit(cause["culprit"]), why, level=1)
    elif cause["suspects"]:
        many = cause["suspect_count"]
        yield line(f"Brought by one of {amount(many, 'commit')}:", level=1)
        for suspect in cause["suspects"]:
            yield line(*commit(suspect), level=2)
        if (more := many - len(cause["suspects"])) > 0:
            yield line(f"and {more:,} newer", level=2, mood="dim")
    elif cause["clipped"] and cause["category"] != "infrastructure":
        yield line("Brought by a commit that was not looked at, or that one.", level=1)
    if cause["fix"]:
        why = f" ({cause['fix_why']})" if cause["fix_why"] else ""
        yield line("Fix: ", *commit(cause["fix"]), why, level=1, mood="green")


def _listed(names: Sequence[str], total: int) -> Iterator[str | Quote]:
    for at, name in enumerate(names):
        if at:
            yield "; "
        yield Quote(name)
    if (more := total - len(names)) > 0:
        yield f"; and {more:,} more"


def _over(causes: Sequence[Document]) -> Iterator[Line]:
    if not causes:
        return
    yield line(f"{len(causes)} fixed", mood="bold green")
    for cause in causes[:OVER]:
        yield line(Quote(cause["line"] or cause["jobs"][0]), level=1)
        if cause["fix"]:
            yield line("fixed by ", *commit(cause["fix"]), level=2, mood="dim")
        blocks = "" if cause["blocking"] else "; blocks nothing"
        yield line(f"{cause['why']}{blocks}", level=2, mood="dim")
    yield from _more(len(causes) - OVER)


def _flaky(causes: Sequence[Document]) -> Iterator[Line]:
    if not causes:
        return
    yield line(f"{len(causes)} flaky", mood="bold yellow")
    for cause in causes[:FLAKY]:
        yield line(Quote(cause["line"] or cause["jobs"][0]), level=1)
        blocks = "" if cause["blocking"] else "; blocks nothing"
        yield line(f"{cause['why']}{blocks}", level=2, mood="dim")
    yield from _more(len(causes) - FLAKY)


def _more(count: int) -> Iterator[Line]:
    if count > 0:
        yield line(
            f"and {count:,} more; --format json lists them all", level=1, mood="dim"
        )


def _foot(document: Document, current: Sequence[Document]) -> Iterator[Line]:
    yield from coverage(document, "commit")
    look = next((cause["job_id"] for cause in current if cause["job_id"]), None)
    if look:
        yield line(f"Next: sickbay hud job {look} --explain", mood="bold")
    elif document["newest"]:
        sha = document["newest"]["sha"][:10]
        yield line(f"Next: sickbay hud commit {sha}", mood="bold")
