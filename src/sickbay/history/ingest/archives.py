"""Archives: the logs of a run of GitHub Actions, as GitHub gives them packed."""

from __future__ import annotations

import zipfile
from functools import partial
from typing import TYPE_CHECKING

from sickbay.clients.files import chunks, chunks_of
from sickbay.core.errors import Malformed, NotFound
from sickbay.history.ingest.lanes import Lane, lane_of
from sickbay.history.ingest.logs import NamedLog
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sickbay.history.ingest.files import Named
    from sickbay.history.ingest.place import Place

ZIP = b"PK\x03\x04"
"""How such a file begins."""

_JOB = Pattern(r"(?:-?[0-9]{1,4}_)?(?P<job>.+)\.txt$")


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
    return f"{place.job} / {job}" if place.job else job


def _member(path: Path, name: str) -> Iterator[bytes | memoryview]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as raw:
            yield from chunks_of(raw, f"{path}:{name}")
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as exc:
        raise Malformed(
            f"{path}:{name} is damaged: {exc}", hint="fetch it again"
        ) from exc
