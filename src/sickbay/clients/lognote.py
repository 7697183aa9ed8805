"""What is known of a cached log, kept in the log's own file, behind it.

It is a frame that whoever unpacks the log skips. Its length is there once more at its
end, to find it from there; a file without it is not whole.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = 0x184D2A5B
"""One of those that zstd keeps for frames to skip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is known of a log; ``digest`` is the SHA-256 of it, unpacked."""

    digest: str
    origin: str
    bytes: int
    lines: int
    fetched_at: str


def packed(note: Note) -> bytes:
    """The frame to put behind the log."""
    data = json.dumps(asdict(note)).encode()
    length = struct.pack("<I", len(data) + 4)
    return struct.pack("<I", MAGIC) + length + data + length


def read_note(path: Path) -> Note | None:
    """The note of a packed log; None if there is no such file, or it is damaged.

    Raises:
        PermissionError: The file may not be read.
    """
    try:
        with path.open("rb") as file:
            file.seek(-4, os.SEEK_END)
            (length,) = struct.unpack("<I", file.read(4))
            file.seek(-length - 8, os.SEEK_END)
            frame = file.read(length + 4)
        if struct.unpack("<II", frame[:8]) != (MAGIC, length):
            return None
        return Note(**json.loads(frame[8:]))
    except PermissionError:
        raise
    except (OSError, ValueError, TypeError, struct.error):
        return None
