"""The reference pages about PyTorch HUD: what it sends, and its named queries."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import fields as columns

from sickbay.ci.models import Commit, Job
from sickbay.ci.states import LETTERS, github_state
from sickbay.clients.hud import convert, wire
from sickbay.clients.hud.catalogue import queries
from sickbay.clients.hud.places import REPO
from sickbay.simulators.hud.pages import Pages
from sickbay.simulators.hud.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sickbay.clients.hud.catalogue import NamedQuery

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
COMMITS = 120

CONCLUSIONS = (
    *("success", "failure", "timed_out", "startup_failure", "cancelled", "skipped"),
    *("neutral", "action_required", "queued", "pending"),
)
STATUSES = ("queued", "waiting", "in_progress")

SAMPLES: Mapping[object, object] = {
    int | None: 7,
    float | None: 7.5,
    bool | None: True,
    str | None: "https://github.com/x/y/actions/runs/7/job/7",
    str: "7",
    list[str | None] | None: ["7"],
    list[int | None] | None: [7],
    datetime | None: NOW,
}
"""A value of each type of field."""

SAYS: Mapping[type[msgspec.Struct], Mapping[str, str]] = {
    wire.Page: {
        "shaGrid": "the commits of the page, the newest first",
        "jobNames": "the name of each column, sorted; of this page alone",
    },
    wire.Commit: {
        "sha": "its name",
        "commitTitle": "first line of the message",
        "commitMessageBody": "all of the message, the title included",
        "author": "login, or the name that git has",
        "time": "when it was committed, in UTC",
        "commitUrl": "its page",
        "prNum": "the pull request that it landed with",
        "diffNum": "the internal diff that it landed with",
        "isForcedMerge": "merged without waiting for all checks",
        "isForcedMergeWithFailures": "merged although some had failed",
        "isAutoreverted": "a bot reverted it",
        "jobs": "one cell for each of the page's names, in their order",
    },
    wire.Cell: {
        "id": "the job: one number for each attempt",
        "htmlUrl": "its page; the run is in there",
        "conclusion": "how it ended; `pending` or `queued` before that",
        "status": "what it does: `queued`, `waiting`, `in_progress`, `completed`",
        "durationS": "how long it ran, in seconds",
        "queueTimeS": "how long it waited for a machine, in seconds",
        "failureLines": "the lines that its log classifier found, the best first",
        "failureLineNumbers": "where they are in the log, from 1",
        "failureCaptures": "what is special about them, such as the id of a test",
        "failureContext": "commands that ran before, the nearest first",
        "failureAnnotation": "what a person said of the failure",
        "failedPreviousRun": "it passed, but an attempt before it failed",
        "runAttempt": "which attempt of the run this is",
        "runnerName": "the machine",
        "authorEmail": "who wrote the commit",
        "time": "when it began, in UTC",
        "runOrigin": "why it ran; nothing is a push, blank is unknown",
        "branch": "where it ran",
        "workflowId": "the run that it belongs to, and not the workflow",
    },
    wire.Job: {
        "name": "`workflow / job`",
        "workflowName": "the part before the slash",
        "jobName": "the part behind it, with slashes of its own",
        "sha": "the commit",
        "repo": "`owner/name`",
    },
    wire.CommitPage: {
        "commit": "as in the grid, without `jobs`",
        "jobs": "every job with its name",
        "workflowIdsByName": "the attempts of the runs of each workflow",
    },
    wire.Run: {
        "id": "the run",
        "attempt": "which attempt of it",
        "runOrigin": "why it ran",
    },
}
"""What each field of HUD's means."""

GRID = """\
A commit has one cell for each name, and says none of the names: the first cell
belongs to the first of `jobNames`, and so on. The names of another page are others,
in number and in order. `{}` is a job that did not run on that commit, which says
nothing about the job. Of all attempts of a job, one stands for it: one that passed
before one that failed before one that has not ended, the newest of those."""

MISSING = """\
What HUD's database does not know comes as a value: no text is `""`, no moment is the
beginning of 1970, no number is `0`. The tools of Sickbay give `null` for such a
moment. Times are UTC, whether they say so or not; ids are numbers of more than 32
bits."""

QUERIES = """\
Named queries go to `/api/clickhouse/{name}?parameters={JSON}`; a slash in the name is
written `%2F`, and the parameters are sent even where there are none. HUD drops what a
query does not take, and its database refuses a query that lacks something:
`hud_query` and `sickbay hud query` tell both before they ask. `hud_queries` searches
this list."""


def data() -> Iterator[str]:
    """What HUD sends: the grid, a commit, a job."""
    yield "# What PyTorch HUD sends"
    yield ""
    yield "Every field may be missing. *Ours* is the field of `sickbay.ci.models` that"
    yield "it becomes."
    yield from ("", "## The grid", "")
    yield "`GET /api/hud/{owner}/{repo}/{branch or sha}/{page}?per_page=50`"
    yield from ("", *GRID.splitlines(), "")
    yield from _fields(wire.Page)
    yield from _sample()
    yield from ("", "## A commit", "")
    yield from _fields(wire.Commit, _commit_fields())
    yield from ("", "## A job", "")
    yield from _fields(wire.Cell, _job_fields())
    yield from ("", "Outside of the grid it also says", "")
    yield from _fields(wire.Job, inherited=wire.Cell)
    yield from ("", "## How it ended", "")
    yield from _states()
    yield from ("", "## One commit", "")
    yield "`GET /api/{owner}/{repo}/commit/{sha}`"
    yield ""
    yield from _fields(wire.CommitPage)
    yield from ("", "An attempt of a run:", "")
    yield from _fields(wire.Run)
    yield from ("", "## What is missing", "", *MISSING.splitlines())


def named_queries() -> Iterator[str]:
    """Every named query with what it takes and gives."""
    yield "# The named queries of PyTorch HUD"
    yield from ("", *QUERIES.splitlines())
    for group, found in groupby(queries(), key=lambda query: query.group):
        yield from ("", f"## {group}", "")
        yield from _table(("query", "takes", "gives"), map(_query, found))


def _query(query: NamedQuery) -> tuple[str, str, str]:
    takes = ", ".join(
        f"`{one.name}: {one.type}`" + ("" if one.required else f" = `{one.default}`")
        for one in query.parameters
    )
    notes = [query.note, f"broken: {query.broken}" if query.broken else None]
    gives = ", ".join(f"`{name}`" for name in query.columns)
    purpose = "; ".join(filter(None, (query.purpose, *notes)))
    return f"`{query.name}`", takes, f"{purpose}: {gives}" if gives else purpose


def _fields(
    kind: type[msgspec.Struct],
    ours: Mapping[str, str] | None = None,
    *,
    inherited: type[msgspec.Struct] | None = None,
) -> Iterator[str]:
    known = {one.name for one in columns(inherited)} if inherited else set()
    own = [one for one in columns(kind) if one.name not in known]
    says = SAYS[kind]
    if {one.encode_name for one in own} != says.keys():
        raise SystemExit(f"docs/hud.py: SAYS[{kind.__name__}] is not its fields")
    rows = [
        (f"`{one.encode_name}`", says[one.encode_name], (ours or {}).get(one.name, ""))
        for one in own
    ]
    if ours is None:
        yield from _table(("field", ""), [row[:2] for row in rows])
    else:
        yield from _table(("field", "", "ours"), rows)


def _commit_fields() -> dict[str, str]:
    names = [field.name for field in fields(Commit)]
    return _becomes(wire.Commit, convert.commit, names)


def _job_fields() -> dict[str, str]:
    def ours(cell: wire.Cell) -> Job:
        return convert.job(cell, name="", sha="", repo="", usual="")

    return _becomes(wire.Cell, ours, Job.__struct_fields__)


def _becomes(
    kind: type[msgspec.Struct], ours: Callable[[Any], object], names: Sequence[str]
) -> dict[str, str]:
    """Which of our fields change when one of HUD's does: found by changing it."""
    usual = {"conclusion": "success"} if "conclusion" in _names(kind) else {}
    before = ours(kind(**usual))
    found = {}
    for one in columns(kind):
        after = ours(kind(**{**usual, one.name: SAMPLES.get(one.type)}))
        changed = [n for n in names if getattr(after, n) != getattr(before, n)]
        found[one.name] = ", ".join(f"`{name}`" for name in changed)
    return found


def _names(kind: type[msgspec.Struct]) -> set[str]:
    return {one.name for one in columns(kind)}


def _states() -> Iterator[str]:
    yield "| HUD's word | while it has none | ours | drawn as |"
    yield "|---|---|---|---|"
    for words, shape in ((CONCLUSIONS, "| `{}` | |"), (STATUSES, "| | `{}` |")):
        for word in words:
            ended = words is CONCLUSIONS
            state = github_state(word if ended else None, None if ended else word)
            yield f"{shape.format(word)} `{state}` | `{LETTERS[state]}` |"
    flaky = github_state("success", None, failed_before=True)
    yield f"| `success` and `failedPreviousRun` | | `{flaky}` | `{LETTERS[flaky]}` |"
    yield "| `{}` | | | `~` |"


def _sample() -> Iterator[str]:
    """Two commits of a page of the simulator, cut to a few of its columns."""
    world = World(commits=COMMITS, now=NOW)
    pages = Pages(world)
    for newest in range(COMMITS - 1, 1, -1):
        page = msgspec.json.decode(pages.page(newest, page=1, per_page=2))
        kept = _kept(page)
        if kept:
            yield from ("", "So it looks, two commits and some of the")
            yield f"{len(page['jobNames'])} jobs of a page of `sickbay simulate hud`:"
            yield from ("", "```json", *_json(_cut(page, kept)).splitlines(), "```")
            yield from ("", "and this is what it says:", "")
            yield from _read(_cut(page, kept))
            return
    raise SystemExit("docs/hud.py: the simulator has no such page any more")


def _kept(page: dict[str, Any]) -> list[int]:
    """The first column of each kind that shows how to read a page."""
    kinds = (
        lambda cell: cell.get("failedPreviousRun"),
        lambda cell: any(
            "lost communication" in x for x in cell.get("failureLines", ())
        ),
        lambda cell: cell == {},
    )
    found = []
    cells = list(zip(*(commit["jobs"] for commit in page["shaGrid"]), strict=True))
    for fits in kinds:
        places = [
            place
            for place, (cell, _) in enumerate(cells)
            if fits(cell) and place not in found
        ]
        if not places:
            return []
        found.append(places[0])
    return sorted(found)


def _cut(page: dict[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    grid = [
        {
            **commit,
            "commitMessageBody": commit["commitTitle"],
            "jobs": [commit["jobs"][place] for place in kept],
        }
        for commit in page["shaGrid"]
    ]
    return {"shaGrid": grid, "jobNames": [page["jobNames"][place] for place in kept]}


def _json(page: dict[str, Any]) -> str:
    return json.dumps(page, indent=1, ensure_ascii=False)


def _read(cut: dict[str, Any]) -> Iterator[str]:
    page = msgspec.convert(cut, wire.Page)
    rows = [
        convert.row(commit, page.job_names, repo=REPO, usual=REPO)
        for commit in page.sha_grid
        if commit
    ]
    heads = [f"`{row.commit.sha[:7]}`" for row in rows]
    said = [
        (f"`{name}`", *(_state(row.jobs.get(name)) for row in rows))
        for name in page.job_names
        if name
    ]
    yield from _table(("job", *heads), said)


def _state(job: Job | None) -> str:
    return "did not run" if job is None else f"{job.state} (`{job.log}`)"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
