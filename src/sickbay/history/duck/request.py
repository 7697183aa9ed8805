"""What is told to the process that runs a statement, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - read when it is decoded

from msgspec import Struct

GRACE_S = 3
"""After its time a statement is interrupted; so much later the process is killed."""

READY = b"ready\n"
"""What the process says first."""

FULL = "the statement needs too much memory"
NARROWER = "aggregate, or narrow it by pipeline, time or test_id"
FILES = "files"


class Asked(Struct, frozen=True, kw_only=True):
    """A checked statement, the files it is asked of, and how far it may go.

    Attributes:
        version: As a snapshot has one; of no meaning.
        tables: Those that it names.
    """

    files: Mapping[str, Sequence[str]]
    version: int = 0
    text: str
    tables: Sequence[str] = ()
    max_rows: int
    max_s: float
    max_bytes: int


class Said(Struct, frozen=True, kw_only=True):
    """How it went; rows follow unless an error is named.

    Attributes:
        error: Its kind in Sickbay's tree; ``FILES`` where they cannot be read.
        cut: There are more rows.
    """

    error: str = ""
    message: str = ""
    hint: str = ""
    cut: bool = False


def late(max_s: float) -> str:
    """That the time is over."""
    return f"the statement took longer than {max_s:g} s"
