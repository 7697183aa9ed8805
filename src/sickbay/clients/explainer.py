"""A process that explains logs, one after the other: ``python -m`` runs it.

It gets a line of JSON for each log, ``{"path": ..., "source": ...}``, and answers with
the length of a pickle in eight bytes, and the pickle: a report, or an error's kind,
message and hint.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sickbay.clients.files import chunks_of
from sickbay.clients.store import FileCache
from sickbay.core.errors import SickbayError, Unavailable
from sickbay.logs.catalogue import catalogue
from sickbay.logs.parts import explain_parts

if TYPE_CHECKING:
    from sickbay.logs.catalogue import Catalogue
    from sickbay.logs.report import Report

LENGTH = 8
"""Bytes that say how long an answer is."""


def explained(path: str, source: str, wanted: Catalogue) -> Report | SickbayError:
    """The report on one log, or why there is none."""
    try:
        with Path(path).open("rb", buffering=0) as file:
            return explain_parts(chunks_of(file, source), wanted, source=source)
    except SickbayError as exc:
        return exc
    except OSError as exc:
        return Unavailable(f"{source} cannot be read: {exc.strerror}")


def main() -> None:
    """Explain logs until there are no more."""
    wanted = catalogue(cache=FileCache(Path(sys.argv[1])))
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        answer = pickle.dumps(explained(asked["path"], asked["source"], wanted))
        sys.stdout.buffer.write(len(answer).to_bytes(LENGTH, "big") + answer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
