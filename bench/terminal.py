"""What a terminal shows of real output, beside a web terminal's rendering of it.

Equal means equal text, blanks at line ends aside. ``cleaned`` says whether the lines
that cleaning leaves, the empty ones aside, are those rows too: cleaning also keeps
every line at its number. Speed is MB of raw output per second of processor time.
"""

from __future__ import annotations

import html
import os
import re
import sys
import time
from itertools import zip_longest
from pathlib import Path

from sickbay.logs.clean import Cleaner
from sickbay.logs.terminal import render

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "terminal-to-html"


def main() -> int:
    """Print the table; 1 when a text is not what the terminal shows."""
    if not DATA.exists():
        print(f"skipped: no {DATA}")
        return 0
    raws = sorted(DATA.glob("*.raw"))
    print(f"{'output':24} {'kB':>7} {'rows':>5} {'MB/s':>6}  shown  cleaned")
    good = sum(_compared(raw) for raw in raws)
    print(f"{good} of {len(raws)} are equal")
    return int(good != len(raws))


def _compared(raw: Path) -> bool:
    data = raw.read_bytes()
    expected = _rows(raw.with_suffix(".rendered"))
    started = time.process_time()
    rows = render(data.decode("utf-8", "surrogateescape"))
    speed = len(data) / max(time.process_time() - started, 1e-6) / 1e6
    rows = _trimmed(rows)
    cleaned = Cleaner().clean(data).decode("utf-8", "surrogateescape").split("\n")
    same = [row for row in _trimmed(cleaned) if row] == [row for row in expected if row]
    shown = "equal" if rows == expected else _difference(rows, expected)
    print(
        f"{raw.stem:24} {len(data) / 1e3:7.1f} {len(expected):5} {speed:6.1f}"
        f"  {shown}  {'equal' if same else 'DIFFERENT'}"
    )
    return rows == expected and same


def _rows(rendered: Path) -> list[str]:
    page = rendered.read_text(encoding="utf-8")
    page = re.sub(r"<time[^>]*>.*?</time>", "", page)
    text = html.unescape(re.sub(r"<[^>]*>", "", page)).replace("\xa0", " ")
    return _trimmed(text.split("\n"))


def _trimmed(rows: list[str]) -> list[str]:
    return "\n".join(row.rstrip() for row in rows).rstrip("\n").split("\n")


def _difference(rows: list[str], expected: list[str]) -> str:
    for number, (row, wanted) in enumerate(zip_longest(rows, expected), start=1):
        if row != wanted:
            return f"DIFFERENT in row {number}: {row!r} instead of {wanted!r}"
    return "equal"


if __name__ == "__main__":
    sys.exit(main())
