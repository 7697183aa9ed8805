"""How often something was right, and what was wrong: the rows of a table."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass
class Row:
    """One line of the table."""

    cases: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, fault: str | None, where: str) -> None:
        """Count one case.

        Args:
            fault: What is wrong with it; None where it is right.
            where: That it can be found again by.
        """
        self.cases += 1
        if fault is not None:
            self.wrong[fault] += 1
            self.examples.append(f"{fault}: {where}")


Table = defaultdict[str, Row]
"""By what was asked."""


def printed(table: Mapping[str, Row], shown: int) -> None:
    """The table, and some of what is wrong."""
    print(f"{'':34}{'n':>7}{'right':>8}{'wrong':>7}  of which")
    for title, row in table.items():
        wrong = row.wrong.total()
        most = ", ".join(f"{name} {count}" for name, count in row.wrong.most_common(4))
        share = 1 - wrong / row.cases
        print(f"{title:34}{row.cases:7,}{share:8.1%}{wrong:7,}  {most[:160]}")
    for title, row in table.items():
        for example in row.examples[:: max(1, len(row.examples) // shown)][:shown]:
            print(f"{title}: {example}")
