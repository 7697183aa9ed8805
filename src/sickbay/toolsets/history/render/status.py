"""The pages about the history itself: what it holds, and what tidying did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sickbay.render.page import Quote, Table, block, line
from sickbay.render.words import amount, moment, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sickbay.history.face import Tidied
    from sickbay.render.page import Line, Part

    Document = Mapping[str, Any]


def status_page(document: Document) -> Iterator[Part]:
    """What there is.

    Args:
        document: The result of ``status``.
    """
    yield block(_head(document))
    if document["pipelines"]:
        columns = ("pipeline", "builds", "oldest", "newest")
        yield Table(columns, tuple(map(_pipeline, document["pipelines"])))
    if document["builds"]:
        columns = ("table", "rows", "files", "size")
        yield Table(columns, tuple(map(_table, document["tables"].items())))
    yield block(_foot(document))


def _head(document: Document) -> Iterator[Line]:
    builds = amount(document["builds"], "build")
    results = amount(document["results"], "result")
    place = (" in ", Quote(document["place"]), f" ({document['engine']})")
    if not document["builds"]:
        yield line("The history is empty,", *place, mood="bold yellow")
        return
    yield line(f"{builds}, {results}", *place, mood="bold")
    first, last = moment(document["oldest"]), moment(document["newest"])
    yield line(f"From {first} to {last}", level=1)
    yield line(f"Written to {moment(document['ingested_at'])}", level=1)
    stale = amount(document["superseded"], "build")
    more = f", {stale} of it replaced since" if document["superseded"] else ""
    yield line(f"{size(document['size_bytes'])}{more}", level=1)
    version = document["schema_version"]
    yield line(f"Keeps {document['keeps']}; schema {version}", level=1)


def _pipeline(one: Document) -> tuple[str, ...]:
    days = (moment(one[name]).removesuffix(" UTC") for name in ("oldest", "newest"))
    return (one["pipeline"], f"{one['builds']:,}", *days)


def _table(named: tuple[str, Document]) -> tuple[str, ...]:
    name, table = named
    return name, f"{table['rows']:,}", f"{table['files']:,}", size(table["size_bytes"])


def _foot(document: Document) -> Iterator[Line]:
    for problem in document["problems"]:
        said = (Quote(problem["what"]), ": ", Quote(problem["why"]))
        yield line("Damaged: ", *said, mood="bold red")
    for number, command in enumerate(document["next_steps"]):
        title = "Next: " if not number else "or "
        yield line(title, command, level=bool(number), mood="bold")


def tidied_page(done: Tidied) -> Iterator[Part]:
    """What tidying did."""
    yield block(_tidied(done))


def _tidied(done: Tidied) -> Iterator[Line]:
    for mended in done.repaired:
        said = (Quote(mended.what), ": ", Quote(mended.why))
        yield line("Repaired: ", *said, mood="yellow")
    if done.why_not:
        yield line(f"Nothing was done: {done.why_not}.", mood="bold")
        return
    files = f"{done.files_before:,} files to {done.files_after:,}"
    sizes = f"{size(done.bytes_before)} to {size(done.bytes_after)}"
    yield line(f"{files}, {sizes}", mood="bold green")
    rows = f"{amount(done.rows_before, 'row')} before, {done.rows_after:,} after"
    yield line(rows, level=1)
    if done.dropped_builds:
        builds = amount(done.dropped_builds, "build")
        yield line(f"{builds} were too old, and went", level=1)
