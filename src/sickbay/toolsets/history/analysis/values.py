"""Values of a database as JSON has them."""

from __future__ import annotations

import base64
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Rows = tuple[tuple[Any, ...], ...]

DIGITS = 40
"""No whole number of a database has more."""


def rows(columns: Sequence[Sequence[object]]) -> Rows:
    """The rows of a table that is given column by column."""
    return tuple(zip(*[[*map(value, column)] for column in columns], strict=True))


def value(raw: object) -> Any:  # noqa: ANN401 - any JSON
    """One value; numbers that JSON has no word for are None, bytes are base64."""
    if raw is None or isinstance(raw, (str, bool, int)):
        return raw
    if isinstance(raw, Decimal):
        return _number(raw)
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    if isinstance(raw, (datetime, date, time)):
        return raw.isoformat().replace("+00:00", "Z")
    if isinstance(raw, timedelta):
        return raw.total_seconds()
    if isinstance(raw, bytes):
        return base64.b64encode(raw).decode()
    if isinstance(raw, dict):
        return {str(key): value(item) for key, item in raw.items()}
    if isinstance(raw, (list, tuple, set)):
        return [value(item) for item in raw]
    return str(raw)


def rounded(number: float | None) -> float | None:
    """A number with the digits that may mean something."""
    return None if number is None else round(number, 4)


def _number(raw: Decimal) -> int | float | None:
    if raw.is_finite() and raw.adjusted() < DIGITS and raw == raw.to_integral_value():
        return int(raw)
    known = float("nan") if raw.is_snan() else float(raw)
    return known if math.isfinite(known) else None
