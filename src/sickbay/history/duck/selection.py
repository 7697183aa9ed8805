"""Runs a statement that somebody wrote where it can do no harm.

It is checked and written anew (``history.guard``), and then run in a process of its own
(``history.duck.apart``).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import msgspec
import pyarrow as pa

from sickbay.core.errors import (
    BadRequest,
    Denied,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
)
from sickbay.history.duck.request import (
    FILES,
    FULL,
    GRACE_S,
    NARROWER,
    READY,
    Asked,
    Said,
    late,
)
from sickbay.history.face import Answer
from sickbay.history.guard import checked, tables, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.history.duck.views import Snapshot

_COMMAND = (sys.executable, "-P", "-m", "sickbay.history.duck.apart")
_START_S = 30.0
"""For the process to start on a busy machine; from then on it bounds itself."""

_INHERITED = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "PATH", "SYSTEMROOT")
"""Beginnings of the variables that a process needs: none of a credential."""

_FRUGAL = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""What would take memory for every processor."""

_ERRORS: Mapping[str, type[SickbayError]] = {
    error.kind: error for error in (BadRequest, Denied, TimedOut, TooLarge)
}


def selected(
    snapshot: Snapshot, sql: str, *, max_rows: int, max_s: float, max_bytes: int
) -> Answer:
    """The rows of a statement; see ``History.select``.

    Raises:
        duckdb.Error: The files cannot be read.
    """
    tree = checked(sql.encode(errors="replace").decode())  # half a character is none
    asked = Asked(
        files=snapshot.files,
        text=written(tree),
        tables=tables(tree),
        max_rows=max_rows,
        max_s=max_s,
        max_bytes=max_bytes,
    )
    said, rows = _answered(asked)
    if said.error == FILES:
        raise duckdb.IOException(said.message)
    if said.error:
        raise _ERRORS[said.error](said.message, hint=said.hint)
    with pa.ipc.open_stream(rows) as stream:
        return Answer(table=stream.read_all(), cut=said.cut)


def _answered(asked: Asked) -> tuple[Said, bytes]:
    env = {k: v for k, v in os.environ.items() if k.upper().startswith(_INHERITED)}
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            _COMMAND,
            input=msgspec.json.encode(asked),
            capture_output=True,
            env=env | _FRUGAL,
            timeout=_START_S + asked.max_s + GRACE_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut(late(asked.max_s), hint=NARROWER) from error
    except OSError as error:
        raise Unavailable(f"no process could be started: {error.strerror}") from error
    if done.returncode == 0 and done.stdout.startswith(READY):
        said, _, rows = done.stdout.removeprefix(READY).partition(b"\n")
        return msgspec.json.decode(said, type=Said), rows
    raise _ended(done, asked)


def _ended(done: subprocess.CompletedProcess[bytes], asked: Asked) -> SickbayError:
    """Why a process went down."""
    if not done.stdout.startswith(READY):
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        return Unavailable(f"the process for the statement did not start: {said[:200]}")
    if -done.returncode in _OVER_TIME:
        return TimedOut(late(asked.max_s), hint=NARROWER)
    return TooLarge(FULL, hint=NARROWER)


_OVER_TIME = frozenset(getattr(signal, name, None) for name in ("SIGALRM", "SIGXCPU"))
