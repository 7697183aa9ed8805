"""Keeping: a build into the history, together with what is there of it."""

from __future__ import annotations

import json
import secrets
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from filelock import FileLock, Timeout

from sickbay.ci.records import BuildRecord, CauseRecord, JobRecord, ResultRecord
from sickbay.core.errors import Unavailable
from sickbay.core.results import Skipped
from sickbay.history.ingest.merging import merged
from sickbay.history.rows import batch, ingest_ids

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from sickbay.history.face import History

LOCK = "ingest.lock"
WAIT_S = 120.0
"""For others on this machine that add parts of builds."""

TRIES = 3
"""How often a part is added again that another machine's overtook."""


async def keep(
    history: History, record: BuildRecord, *, now: datetime, again: bool = True
) -> None:
    """Keep a build; what was read of it before and not now stays.

    Args:
        history: Where it goes.
        record: As it was read now.
        now: The time.
        again: Whether it may be there already.

    Raises:
        SickbayError: The history cannot be read or written.
    """
    old = await kept(history, record.build_id) if again else None
    whole = merged(old, record) if old else record
    ids = await _later(history) if old else _IDS
    made = await to_thread.run_sync(batch, [whole], ids, now)
    await history.put(made)


async def add(
    history: History, record: BuildRecord, *, locks: Path, now: datetime
) -> None:
    """Keep a part of a build, of which others may be kept at the same time.

    Those of one machine wait for each other. Of several machines, whoever comes last
    may have known nothing of the others, so each looks whether its part is there.

    Args:
        history: Where it goes.
        record: The part.
        locks: A folder of the user's own.
        now: The time.

    Raises:
        SickbayError: The history cannot be read or written.
    """
    wanted = {job.job_id for job in record.jobs}
    async with _turn(locks):
        for _ in range(TRIES):
            await keep(history, record, now=now)
            there = await history.ask("whole_jobs", build_id=record.build_id)
            if wanted <= set(there.column("job_id").to_pylist()):
                return
    raise Unavailable(
        f"others keep replacing build {record.build_id}", hint="ingest it once more"
    )


async def kept(history: History, build_id: str) -> BuildRecord | None:
    """A build as it is kept; None where there is none.

    Raises:
        SickbayError: The history cannot be read.
    """
    found = _rows(await history.ask("whole_build", build_id=build_id))
    build = next(found, None)
    if build is None:
        return None
    told = _fields(build, BuildRecord, but=(*_PARTS, "missing"))
    parts: dict[str, Any] = {
        name: _records(await history.ask(f"whole_{name}", build_id=build_id), kind)
        for name, kind in _PARTS.items()
    }
    missing = tuple(Skipped(*pair) for pair in json.loads(build["missing"] or "[]"))
    return BuildRecord(**told, **parts, missing=missing)


async def _later(history: History) -> Iterator[int]:
    """Numbers behind all that there are, though another machine's clock be ahead."""
    newest = (await history.ask("newest")).column("ingest_id")[0].as_py() or 0
    drawn = secrets.randbits(_RANDOM_BITS)  # two that ask at once get two numbers
    return iter([max(next(_IDS), newest + 1 + drawn)])


_IDS: Iterator[int] = ingest_ids()
_RANDOM_BITS = 30
_PARTS: dict[str, Any] = {
    "jobs": JobRecord,
    "results": ResultRecord,
    "causes": CauseRecord,
}


def _records(table: pa.Table, kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - any record
    return tuple(kind(**_fields(row, kind)) for row in _rows(table))


def _fields(
    row: dict[str, Any],
    kind: Any,  # noqa: ANN401 - any record
    but: tuple[str, ...] = (),
) -> dict[str, Any]:
    names = (name for name in kind.__struct_fields__ if name not in but)
    return {name: row[name] for name in names}


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    yield from table.to_pylist()


@asynccontextmanager
async def _turn(folder: Path) -> AsyncIterator[None]:
    """Alone on this machine."""
    # Whichever thread took it, and even if all is given up, it is released here.
    lock = FileLock(folder / LOCK, timeout=WAIT_S, thread_local=False)
    try:
        await to_thread.run_sync(partial(folder.mkdir, parents=True, exist_ok=True))
        await to_thread.run_sync(lock.acquire)
    except Timeout as exc:
        raise Unavailable(
            f"another ingestion holds {lock.lock_file} for {WAIT_S:.0f} s"
        ) from exc
    except OSError as exc:
        raise Unavailable(f"cannot write {folder}: {exc.strerror}") from exc
    try:
        yield
    finally:
        lock.release()
