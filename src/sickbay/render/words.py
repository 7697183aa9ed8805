"""Numbers in words, the same on every page."""

from __future__ import annotations

_KILO = 1000


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
