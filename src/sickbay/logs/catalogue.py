"""Everything one pass over a log looks for: the rules and the readers' anchors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sickbay.logs import causes, ending, frameworks, tally, verdict
from sickbay.logs.anchors import Anchor
from sickbay.logs.rules.builtin import builtin_rules
from sickbay.logs.rules.engine import engine
from sickbay.logs.rules.expression import Expression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.recall import Cache
    from sickbay.logs.rules.engine import Engine
    from sickbay.logs.rules.model import Rule

DROP_ANCHORS = (
    Anchor("drop.line", r"^##\[error\]Process completed with exit code \d+\.$"),
    Anchor("drop.line", r"\[OSDC\] Step (?:script exited|cancelled by GitHub Actions)"),
    Anchor(
        "drop.line",
        r"^##\[error\](?:Executing the custom container implementation failed"
        r"|TypeError: Cannot read properties of null \(reading 'jobPod'\))",
    ),
    Anchor(
        "drop.begin", "=================== sccache compilation log ==================="
    ),
    Anchor(
        "drop.end",
        "=========== If your build fails, please take a look at the log above"
        " for possible reasons ===========",
    ),
)
"""Lines that no rule sees: PyTorch's classifier leaves out the runner's closing words
and the compiler cache's log, which speaks of errors long since dealt with."""


@dataclass(frozen=True)
class Catalogue:
    """The rules, the anchors, and one engine that finds both.

    Args:
        rules: In the order of their priority, the caller's file first.
        given: How many of them are the caller's; they alone decide ``rule_match`` if
            there are any.
        cache: Where compiled databases and the like are kept between runs.
    """

    rules: Sequence[Rule]
    given: int
    cache: Cache | None = None

    @property
    def ranked(self) -> int:
        """How many of the rules ``rule_match`` is chosen from: the first ones."""
        return self.given or len(self.rules)

    @cached_property
    def anchors(self) -> Sequence[Anchor]:
        """Every reader's anchors but those that are found as runs."""
        return [anchor for anchor in self._all_anchors if not anchor.word]

    @cached_property
    def runs(self) -> Sequence[Anchor]:
        """The anchors that are found as runs."""
        return [anchor for anchor in self._all_anchors if anchor.word]

    @cached_property
    def _all_anchors(self) -> Sequence[Anchor]:
        return (
            *DROP_ANCHORS,
            *causes.ANCHORS,
            *tally.ANCHORS,
            *ending.ANCHORS,
            *verdict.ANCHORS,
            *frameworks.anchors(self.cache),
        )

    @cached_property
    def engine(self) -> Engine:
        """Finds rules under their index, anchors behind them."""
        patterns = [rule.pattern for rule in self.rules]
        apart = [
            ident
            for ident, anchor in enumerate(self.anchors, len(patterns))
            if anchor.apart
        ]
        patterns += [anchor.pattern for anchor in self.anchors]
        return engine(patterns, self.cache, apart=apart)

    @cached_property
    def expressions(self) -> Sequence[Expression]:
        """What confirms a hit of each rule."""
        return [
            Expression(rule.pattern, or_whole=index >= self.given)
            for index, rule in enumerate(self.rules)
        ]


def catalogue(rules: Sequence[Rule] = (), cache: Cache | None = None) -> Catalogue:
    """The built-in packs, with the caller's rules before them if there are any.

    Args:
        rules: A rule file of the caller's; it alone decides ``rule_match`` then.
        cache: Where compiled databases and the like are kept between runs.
    """
    builtin = builtin_rules(cache)
    return Catalogue((*rules, *builtin), len(rules), cache)
