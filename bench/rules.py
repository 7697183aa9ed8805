"""How well the built-in rules point at what a person marked in LogChunks.

For each pack: its rules, how many logs any of them hits, in how many of these a hit
is inside the marked span, and which share of all its hits is. ``--rules`` lists the
rules one by one, ``--missed`` the logs in whose marked span no rule hits.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sickbay.logs.catalogue import catalogue
from sickbay.logs.rules.builtin import PACKS
from sickbay.logs.scan import read_log

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(os.environ.get("SICKBAY_DATA", "../shared/data")) / "logchunks"


@dataclass(slots=True)
class Tally:
    """What was counted for one rule or pack."""

    rules: set[str] = field(default_factory=set)
    logs: set[str] = field(default_factory=set)
    right: set[str] = field(default_factory=set)
    hits: int = 0
    inside: int = 0

    def add(self, rule: str, log: str, *, inside: bool) -> None:
        """Count one hit."""
        self.rules.add(rule)
        self.logs.add(log)
        self.hits += 1
        if inside:
            self.right.add(log)
            self.inside += 1


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", action="store_true", help="rule by rule")
    parser.add_argument("--missed", action="store_true", help="what no rule hits")
    options = parser.parse_args()
    labels = DATA / "labels.jsonl"
    if not labels.exists():
        sys.exit(f"no data: {labels} is not there (set SICKBAY_DATA)")
    rows = [json.loads(line) for line in labels.read_text().splitlines()]
    packs, rules, touched = measured(rows)
    show(sorted(packs.items(), key=lambda item: PACKS.index(item[0])), "pack")
    best = Counter({name: len(tally.right) for name, tally in rules.items()})
    if options.rules:
        show([(name, rules[name]) for name, _ in best.most_common()], "rule")
    if options.missed:
        print(*(row["log"] for row in rows if row["log"] not in touched), sep="\n")
    print(f"\nmarked spans that a rule hits: {len(touched)} of {len(rows)}")


def measured(
    rows: list[dict[str, Any]],
) -> tuple[dict[str, Tally], dict[str, Tally], set[str]]:
    """Tallies per pack and per rule, and the logs whose span is hit."""
    packs: dict[str, Tally] = defaultdict(Tally)
    rules: dict[str, Tally] = defaultdict(Tally)
    touched, wanted = set(), catalogue()
    for row in rows:
        log = read_log((DATA / row["log"]).read_bytes(), row["log"], wanted)
        for hit in log.hits:
            inside = row["line_start"] <= hit.number <= row["line_end"]
            packs[hit.rule.pack].add(hit.rule.name, row["log"], inside=inside)
            rules[hit.rule.name].add(hit.rule.name, row["log"], inside=inside)
            if inside:
                touched.add(row["log"])
    return packs, rules, touched


def show(rows: Iterable[tuple[str, Tally]], what: str) -> None:
    """Print tallies as a table."""
    print(f"\n{what:40} rules   logs  right   hits  in span")
    for name, tally in rows:
        share = tally.inside / tally.hits
        print(
            f"{name[:40]:40} {len(tally.rules):5} {len(tally.logs):6}"
            f" {len(tally.right):6} {tally.hits:6} {share:7.0%}"
        )


if __name__ == "__main__":
    main()
