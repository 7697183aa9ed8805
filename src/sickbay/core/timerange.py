"""Stretches of time as people write them, always in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sickbay.core.errors import BadRequest

DEFAULT = "7d"

BEFORE = timedelta(days=30)
"""How long a range is that says only when it ends."""

HINT = "write 7d, 24h, 2w, A:B, A: or :B, where A and B are 2026-01-31 or ISO times"

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGO = re.compile(rf"(\d{{1,9}}) ?([{''.join(_UNITS)}])", re.ASCII | re.IGNORECASE)
_MOMENT = (
    r"(?:\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?|\d{1,9} ?[mhdw]|now)"
)
_RANGE = re.compile(
    rf"({_MOMENT})?\s*(?::|\.\.|/)\s*({_MOMENT})?", re.ASCII | re.IGNORECASE
)
_SINCE = re.compile(_MOMENT, re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From a moment, up to another: both in UTC."""

    start: datetime
    stop: datetime

    def clickhouse(self) -> dict[str, str]:
        """The parameters that nearly every query of PyTorch HUD takes."""
        return {"startTime": stamp(self.start), "stopTime": stamp(self.stop)}


def stamp(moment: datetime) -> str:
    """A moment as ClickHouse's ``DateTime64`` reads it: UTC, without saying so."""
    return (
        moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    )


def time_range(text: str, *, now: datetime, default: str = DEFAULT) -> TimeRange:
    """The stretch of time that a text means.

    Args:
        text: ``7d``, ``24h`` or ``2w`` up to now; ``A:B``, ``A:`` or ``:B``, of ISO
            dates, ISO times or ages such as ``14d:7d``; ``A`` alone is ``A:``. What
            names no zone is in UTC; a date is its first moment.
        now: The time, with its zone.
        default: What an empty text means.

    Raises:
        BadRequest: It is none of these, or ends before it begins.
    """
    wanted = text.strip() or default
    both = _RANGE.fullmatch(wanted)
    if both is None and _SINCE.fullmatch(wanted) is None:
        raise BadRequest(f"{_shown(wanted)} is no time range", hint=HINT)
    since, until = both.groups() if both else (wanted, None)
    try:
        stop = _moment(until or "now", now)
        start = _moment(since, now) if since else stop - BEFORE
    except (ValueError, OverflowError) as exc:
        raise BadRequest(
            f"{_shown(wanted)} is no time range: {exc}", hint=HINT
        ) from exc
    if both and not (since or until):
        raise BadRequest(f"{_shown(wanted)} is no time range", hint=HINT)
    if start >= stop:
        raise BadRequest(f"{_shown(wanted)} ends before it begins", hint=HINT)
    return TimeRange(start, stop)


def _moment(text: str, now: datetime) -> datetime:
    if text.lower() == "now":
        return now.astimezone(UTC)
    ago = _AGO.fullmatch(text)
    if ago:
        length = timedelta(**{_UNITS[ago[2].lower()]: int(ago[1])})
        return now.astimezone(UTC) - length
    then = datetime.fromisoformat(text.upper().replace(" ", "T"))
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).astimezone(UTC)


def _shown(text: str) -> str:
    return repr(text[:60])
