"""Archives: the logs of a run of GitHub Actions, as GitHub gives them packed."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sickbay.clients.files import chunks, chunks_of
from sickbay.core.errors import Malformed, NotFound, SickbayError, TooLarge
from sickbay.core.results import Skipped
from sickbay.core.untrusted import visible
from sickbay.history.ingest.lanes import Lane, lane_of
from sickbay.history.ingest.logs import NamedLog, log_build
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sickbay.history.ingest.files import Named
    from sickbay.history.ingest.filled import FileBuild
    from sickbay.history.ingest.place import Place
    from sickbay.logs.catalogue import Catalogue

ZIP = b"PK\x03\x04"
"""How such a file begins."""

MOST = 2_000
"""Logs in an archive: more than any run has jobs."""

_JOB = Pattern(r"(?:-?[0-9]{1,4}_)?(?P<job>.+)\.txt$")


def log_files_build(
    files: Sequence[Named],
    place: Place,
    *,
    wanted: Catalogue,
    now: datetime,
    read: Callable[[], None] = lambda: None,
) -> FileBuild:
    """The build that files with logs tell of; one that cannot be read is skipped.

    Args:
        files: Logs, and archives of them.
        place: Where they belong.
        wanted: What to look for in them.
        now: The time.
        read: Called now and then: for large ones.

    Raises:
        SickbayError: None of them could be read.
    """
    logs: list[NamedLog] = []
    skipped = []
    for file in files:
        try:
            logs += logs_of(file, place)
        except SickbayError as exc:
            skipped.append(Skipped(str(file.path), exc.message))
            if len(files) == 1:
                raise
    made = log_build(logs, place, wanted, now=now, read=read)
    return replace(made, skipped=(*skipped, *made.skipped))


def logs_of(file: Named, place: Place) -> Sequence[NamedLog]:
    """The logs in a file: those of all jobs of a run, or itself.

    Raises:
        SickbayError: It cannot be read.
    """
    try:
        with file.path.open("rb") as raw:
            packed = raw.read(len(ZIP)) == ZIP
    except OSError as exc:
        raise NotFound(f"cannot read {file.path}: {exc.strerror}") from exc
    if packed:
        return _in_archive(file.path, place)
    log = NamedLog(
        source=str(file.path),
        lane=lane_of(file, place),
        chunks=partial(chunks, file.path),
    )
    return (log,)


def _in_archive(path: Path, place: Place) -> Sequence[NamedLog]:
    """One log for each job: GitHub has them at the top, and their steps in folders."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(one.filename for one in archive.infolist() if one.file_size)
    except (OSError, zipfile.BadZipFile, ValueError) as exc:
        raise Malformed(f"{path} is damaged: {exc}", hint="fetch it again") from exc
    jobs = [(name, found["job"]) for name in names if (found := _JOB.fullmatch(name))]
    whole = [(name, job) for name, job in jobs if "/" not in name]
    if len(jobs) > MOST:
        raise TooLarge(f"{path} holds {len(jobs):,} logs", hint=f"at most {MOST:,}")
    if not jobs:
        raise NotFound(f"{path} holds no logs", hint="they end in .txt")
    return [
        NamedLog(
            source=f"{path}:{name}",
            lane=Lane(_named(job, place), place.shard, place.attempt),
            chunks=partial(_member, path, name),
        )
        for name, job in whole or jobs
    ]


def _named(job: str, place: Place) -> str:
    shown = visible(job)
    return f"{place.job} / {shown}" if place.job else shown


def _member(path: Path, name: str) -> Iterator[bytes | memoryview]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as raw:
            yield from chunks_of(raw, f"{path}:{name}")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as exc:
        raise Malformed(
            f"{path}:{name} is damaged: {exc}", hint="fetch it again"
        ) from exc
