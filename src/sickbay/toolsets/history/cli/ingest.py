"""``sickbay ingest``: builds of a CI, JUnit files and logs into the history."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from sickbay.clients.printer import DONE, FOUND, AtDesk, Format, shown
from sickbay.core.errors import NotFound, SickbayError
from sickbay.core.untrusted import visible
from sickbay.history.ingest.place import Said
from sickbay.toolsets.history.cli.meter import Meter
from sickbay.toolsets.history.cli.wanted import Wanted
from sickbay.toolsets.history.render.filled import filled_page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sickbay.ci.records import Source
    from sickbay.ci.services import BuildSource
    from sickbay.core.desk import Desk
    from sickbay.history.ingest.filled import FileBuild, Filled
    from sickbay.toolsets.history.source import HistorySource

Flat = Annotated[Said, Parameter(name="*")]
Which = Annotated[Wanted, Parameter(name="*")]

INTERRUPTED = "sickbay: interrupted; what was read is kept, the same command goes on\n"

app = App(
    name="ingest",
    help="Put builds of a CI, JUnit files and logs into the history.",
    help_format="plaintext",
)


@app.command
async def junit(
    *files: str,
    said: Flat = Said(),  # noqa: B008 - it cannot be changed
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Keep the tests in JUnit XML files as one build, or as a part of one.

    What is not said comes from the variables of the CI that this runs in, and from the
    checkout. Another job of the same build is added to it; the same job is replaced.

    Args:
        files: Files, folders, or patterns in quotes, such as 'reports/**/*.xml'.
        said: The build.
        format: How to print.
        desk: The history.
    """
    from sickbay.history.ingest.junit import junit_build  # noqa: PLC0415 - brings the engine

    await _files(desk, files, ".xml", said, format, read=junit_build)


@app.command
async def logs(
    *files: str,
    said: Flat = Said(),  # noqa: B008 - it cannot be changed
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> None:
    """Keep what the logs of jobs say as one build, or as a part of one.

    A zip file of a run of GitHub Actions, as GitHub gives it, has the logs of its jobs.

    Args:
        files: Logs, zip files, folders, or patterns in quotes, such as 'logs/*.txt'.
        said: The build.
        format: How to print.
        desk: The history.
    """
    from sickbay.clients.rulebook import Rulebook  # noqa: PLC0415 - see junit
    from sickbay.history.ingest.archives import log_files_build  # noqa: PLC0415 - same

    wanted = await desk.call.thread(
        Rulebook(desk.source.folders.cache).wanted, desk.call
    )
    read = partial(log_files_build, wanted=wanted)
    await _files(desk, files, "", said, format, read=read)


@app.command
async def buildkite(
    *,
    which: Which = Wanted(),  # noqa: B008 - it cannot be changed
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Keep the builds of a pipeline of Buildkite that are over.

    Those that are there already are not read again: what was interrupted goes on.

    Args:
        which: The builds.
        format: How to print.
        desk: The history.
    """
    return await _ci("buildkite", which, format, desk)


@app.command
async def hud(
    *,
    which: Which = Wanted(),  # noqa: B008 - it cannot be changed
    format: Format = "text",  # noqa: A002 - the option's name
    desk: AtDesk,
) -> int:
    """Keep the commits of a repository that PyTorch HUD has the jobs of.

    Those that are there already are not read again: what was interrupted goes on.

    Args:
        which: The commits.
        format: How to print.
        desk: The history.
    """
    return await _ci("hud", which, format, desk)


async def _files(  # noqa: PLR0913 - as the commands have them
    desk: Desk,
    names: Sequence[str],
    suffix: str,
    said: Said,
    form: Format,
    *,
    read: Callable[..., FileBuild],
) -> None:
    """Keep what files say."""
    from sickbay.history.ingest.files import found  # noqa: PLC0415 - brings the engine
    from sickbay.history.ingest.keeping import add  # noqa: PLC0415 - same
    from sickbay.history.ingest.place import meant  # noqa: PLC0415 - same

    source: HistorySource = desk.source
    files, unknown = await desk.call.thread(found, names, suffix)
    place = await meant(said)
    with Meter(desk.call, "Reading", "files") as meter:
        step = partial(_step, meter)
        work = partial(read, files, place, now=source.now(), read=step)
        made: FileBuild = await meter.thread(work)
    locks = source.folders.state
    await add(source.history, made.record, locks=locks, now=source.now())
    whole = replace(made.filled, skipped=(*unknown, *made.skipped))
    _told(made.record.source, made.record.pipeline, whole, form, desk)


def _step(meter: Meter) -> None:
    meter.check()
    meter.progress(0)


async def _ci(name: Source, which: Wanted, form: Format, desk: Desk) -> int:
    """Keep builds of a CI, once or until interrupted."""
    history: HistorySource = desk.source
    source = await _source(history, name)
    while True:
        filled = await _filled(history, source, which, desk)
        if not which.watch or form == "json" or filled.builds or filled.why:
            _told(name, source.pipeline(which.pipeline), filled, form, desk)
        if not which.watch:
            return FOUND if filled.broke else DONE
        sys.stdout.flush()
        await asyncio.sleep(which.every)


async def _source(history: HistorySource, name: Source) -> BuildSource:
    for source in await history.origins():
        if source.origin == name:
            return source
    raise NotFound(
        f"nothing says where {name} is",
        hint=f"set SICKBAY_{name.upper()}__URL; sickbay doctor says more",
    )


async def _filled(
    history: HistorySource, source: BuildSource, which: Wanted, desk: Desk
) -> Filled:
    """One look; while watching, one that fails is made good by the next."""
    from sickbay.history.ingest.fill import fill  # noqa: PLC0415 - brings the store
    from sickbay.history.ingest.filled import Filled  # noqa: PLC0415 - same

    wanted, depth = which.wanted(history.now()), which.depth
    with Meter(desk.call, "Reading", "builds") as meter:
        try:
            return await fill(
                history.history,
                source,
                wanted,
                depth,
                call=meter,
                now=history.now,
                most=which.most,
            )
        except asyncio.CancelledError:
            sys.stderr.write(INTERRUPTED)
            raise
        except SickbayError as exc:
            if not (which.watch and exc.retryable):
                raise
            return Filled(why=str(exc), broke=True)


def _told(source: str, pipeline: str, filled: Filled, form: Format, desk: Desk) -> None:
    document = {"source": source, "pipeline": pipeline, **asdict(filled)}
    for one in document["skipped"]:  # paths may be of bytes that are no text
        one.update({name: visible(text) for name, text in one.items()})
    shown(document, filled_page(document), form, desk)
