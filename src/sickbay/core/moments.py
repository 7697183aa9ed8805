"""Moments as others write them, in UTC."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment in UTC, as one without a zone is; None where UTC has no such one."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.replace(tzinfo=UTC)
    with suppress(OverflowError):
        return moment.astimezone(UTC)
    return None
