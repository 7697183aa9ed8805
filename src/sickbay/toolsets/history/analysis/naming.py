"""Which test a caller means, however its id is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NEAREST = 3


def tail_of(test_id: str) -> str:
    """What every spelling of an id has in common: its file without folders, and on."""
    file, sign, rest = test_id.strip().partition("::")
    return f"{file.rpartition('/')[2]}{sign}{rest}"


def meant(wanted: str, known: Sequence[str]) -> list[str]:
    """The ids that a spelling can mean: itself, or those of which one ends the other.

    Args:
        wanted: As somebody wrote it: from another folder, or with fewer folders.
        known: Ids as they are kept.
    """
    if wanted in known:
        return [wanted]
    return [
        one for one in known if f"/{wanted}".endswith(f"/{one}") or _ends(one, wanted)
    ]


def _ends(known: str, wanted: str) -> bool:
    return f"/{known}".endswith(f"/{wanted}") or known.endswith(f"::{wanted}")


def nearest(wanted: str, known: Sequence[str]) -> list[str]:
    """The ids that look most like it."""
    from rapidfuzz import process  # noqa: PLC0415 - only when nothing is found

    found = process.extract(wanted, known, limit=NEAREST, score_cutoff=40)
    return [name for name, _, _ in found]
