"""PyTorch's rule file on its own log windows: the winning line and what it captures.

In the windows ``#=MATCH=# `` marks the line that has to win, single guillemets what it
captures, and ``#=SOURCE=#`` lines are not part of the log.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from sickbay.logs.catalogue import catalogue
from sickbay.logs.rules.load import parse_rules
from sickbay.logs.scan import read_log

OPEN, CLOSE = "\u2039", "\u203a"
MATCH = "#=MATCH=# "
DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "pytorch-log-classifier"


def main() -> int:
    """Print the table; 1 when a window is classified otherwise than it should."""
    if not DATA.exists():
        print(f"skipped: no {DATA}")
        return 0
    file = DATA / "ruleset.toml"
    wanted = catalogue(parse_rules(file.read_text(encoding="utf-8"), file=file.name))
    right = 0
    windows = sorted((DATA / "classify").glob("*.txt"))
    for window in windows:
        text, line, captures = unmarked(window)
        match = read_log(text.encode(), wanted=wanted).rule_match
        good = (
            match is not None
            and match.line_number == line
            and list(match.captures) == captures
        )
        right += good
        rule = match.rule if match else "nothing"
        print(f"{'ok' if good else 'WRONG':6} {window.stem:34} line {line:4}  {rule}")
    print(f"{right} of {len(windows)} windows: the line and the captures are right")
    return int(right != len(windows))


def unmarked(window: Path) -> tuple[str, int, list[str]]:
    """The log in a window, the number of the line that wins, and its captures."""
    lines, winner, captures = [], 0, []
    with window.open(encoding="utf-8", newline="") as file:
        for line in file.read().split("\n"):
            if line.startswith("#=SOURCE=#"):
                continue
            text = line
            if line.startswith(MATCH):
                captures = re.findall(f"{OPEN}(.*?){CLOSE}", line)
                text = line.removeprefix(MATCH).replace(OPEN, "").replace(CLOSE, "")
                winner = len(lines) + 1
            lines.append(text)
    return "\n".join(lines), winner, captures


if __name__ == "__main__":
    sys.exit(main())
