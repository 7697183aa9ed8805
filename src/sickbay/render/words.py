"""Numbers and times in words, the same on every page."""

from __future__ import annotations

from datetime import datetime

BRIEF = 300
"""Characters of a line that a row shows; logs_read shows more of it."""

_KILO = 1000
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def amount(count: int, noun: str) -> str:
    """The count with its noun: ``1 line``, ``2,000 lines``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def size(count: int) -> str:
    """Bytes in words: ``998 bytes``, ``1.2 kB``, ``5.0 GB``."""
    if count < _KILO:
        return amount(count, "byte")
    value, unit = count / _KILO, "kB"
    for bigger in ("MB", "GB", "TB"):
        if value < _KILO:
            break
        value, unit = value / _KILO, bigger
    return f"{value:.1f} {unit}"


def share(value: float) -> str:
    """A share of one in percent: ``86 %``."""
    return f"{value:.0%}".replace("%", " %")


def brief(text: str, characters: int = BRIEF) -> str:
    """The text, or its beginning."""
    return text if len(text) <= characters else f"{text[:characters]}…"


def lasting(seconds: float) -> str:
    """How long it is: ``3 d 4 h``, ``25 min``, ``40 s``."""
    left = int(seconds)
    parts = []
    for unit, each in _UNITS:
        count, left = divmod(left, each)
        parts.append((count, f"{count} {unit}"))
    first = next((at for at, (count, _) in enumerate(parts) if count), len(parts) - 1)
    shown = [words for count, words in parts[first : first + 2] if count]
    return " ".join(shown) or "0 s"


def moment(time: str | None) -> str:
    """A time as it is read best: ``2026-11-20 14:03 UTC``."""
    if not time:
        return "at an unknown time"
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M} UTC"
