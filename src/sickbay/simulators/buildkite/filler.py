"""Lines that jobs say when all is well, in any amount."""

from __future__ import annotations

from functools import lru_cache

from sickbay.simulators.buildkite.sayings import kinds

SECTIONS = 16
SECOND = b"\0"  # stands for the second in what all logs share


@lru_cache(maxsize=4)
def _sections(size: int) -> tuple[bytes, ...]:
    made = []
    known = kinds("filler")
    each = size // SECTIONS
    number = 0
    for _ in range(SECTIONS):
        lines: list[bytes] = []
        written = 0
        while written < each:
            said = known[number % len(known)].format(
                number, number % 997, number % 100, number % 8
            )
            stamp = f"{999 * written // each:03}\x07{said}\r\n"
            lines.append(b"\x1b_bk;t=" + SECOND + stamp.encode())
            written += len(lines[-1]) + len("1700000000") - 1
            number += 1
        made.append(b"".join(lines))
    return tuple(made)


def filler(size: int, at: float, span: float) -> bytes:
    """Harmless lines of that size, spread over a span of seconds."""
    return b"".join(
        section.replace(SECOND, b"%010d" % int(at + place * span / SECTIONS))
        for place, section in enumerate(_sections(size))
    )
