"""Owners: who should look at a failure, by CODEOWNERS, by lines, or by the commit."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from sickbay.ci.mentions import parsed_test
from sickbay.ci.scan.models import Owner
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sickbay.ci.authors import BlameLine, CommitInfo
    from sickbay.logs.rules.expression import Expression

MAX_CHARS = 3 << 20
"""GitHub reads no larger CODEOWNERS."""

MAX_PATTERN = 1000
MAX_RULES = 10_000
"""Whoever opens a pull request writes what is read here, and each rule takes time."""

_BY_FILE = 0.95
_BY_FOLDER = 0.9
_BY_DEFAULT = 0.4
_BY_LINES = (0.3, 0.7)
_BY_COMMIT = 0.25
_HALF_LIFE_S = 365 * 86_400
"""After which a line says half as much about whom to ask."""

_TOKEN = Pattern(r"(?:\\.|[^\s\\])+")
_OWNER = Pattern(r"@[\w-]{1,100}(?:/[\w.-]{1,100})?|[^\s@]{1,100}@[^\s@]{1,200}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of CODEOWNERS.

    Attributes:
        owners: Empty where the line says that nobody owns what it fits.
        line: From 1.
    """

    pattern: str
    owners: tuple[str, ...]
    line: int

    @property
    def default(self) -> bool:
        """Whether it fits everything."""
        return not self.pattern.strip("*/")


class Codeowners:
    """A CODEOWNERS file as GitHub reads it: the last line that fits holds.

    Lines that GitHub takes for invalid do not count; ``rules`` are the others. A file
    that is too large has none, and ``why`` says so.

    Args:
        text: Of the file.
    """

    def __init__(self, text: str) -> None:
        lines = text.removeprefix("\ufeff").split("\n")
        found = (_rule(line, number) for number, line in enumerate(lines, 1))
        few = islice(filter(None, found), MAX_RULES + 1)
        self.rules = tuple(few) if len(text) <= MAX_CHARS else ()
        self.why = (
            None if len(text) <= MAX_CHARS else f"it has {len(text):,} characters"
        )
        if len(self.rules) > MAX_RULES:
            self.rules, self.why = (), f"it has more than {MAX_RULES:,} rules"
        self._known: dict[str, Rule | None] = {}

    def of(self, path: str) -> Rule | None:
        """The rule that holds for a file, whose path begins at the root."""
        if path not in self._known:
            raw = path.encode("utf-8", "replace")
            fitting = (
                rule for fits, rule in self._expressions if fits(raw) is not None
            )
            self._known[path] = next(fitting, None)
        return self._known[path]

    @cached_property
    def _expressions(self) -> list[tuple[Callable[[bytes], object], Rule]]:
        """What tells whether each rule fits, the last one first."""
        return [(_expression(r.pattern).captures, r) for r in reversed(self.rules)]


def paths_of(test_id: str, roots: Sequence[str] = ("tests",)) -> tuple[str, ...]:
    """Where the file of a test may be in the repository, the likeliest first.

    Tests that run inside a folder have ids without it.

    Args:
        test_id: Or the path of a file.
        roots: Folders that ids may be relative to.
    """
    parts = parsed_test(test_id).path.split("/")
    path = "/".join(part for part in parts if part not in {"", ".", ".."})
    if not path:
        return ()
    for root in roots:
        at = f"/{path}".find(f"/{root}/")
        if at == 0 or (at > 0 and test_id.startswith("/")):
            return (path[at:],)
    return (*(f"{root}/{path}" for root in roots), path)


def owner(
    paths: Sequence[str],
    *,
    codeowners: Codeowners | None = None,
    blame: Sequence[BlameLine] = (),
    commit: CommitInfo | None = None,
) -> Owner | None:
    """Who should look at a failure: of all that is known, what is surest.

    Args:
        paths: Of the files of the tests that failed, one for each test.
        codeowners: Of the repository.
        blame: The lines of the test, or of its file.
        commit: That was built.
    """
    found = (_by_rule(paths, codeowners), _by_lines(blame), _by_commit(commit))
    return max(filter(None, found), key=lambda one: one.confidence, default=None)


def _by_rule(paths: Sequence[str], codeowners: Codeowners | None) -> Owner | None:
    if codeowners is None:
        return None
    fitting = [(path, codeowners.of(path)) for path in paths]
    owned = [(path, rule) for path, rule in fitting if rule and rule.owners]
    counts = Counter(rule.owners for _, rule in owned)
    if not counts:
        return None
    names, count = counts.most_common(1)[0]
    path, rule = next(one for one in owned if one[1].owners == names)
    why = f"line {rule.line} of CODEOWNERS, {rule.pattern}, fits {path}"
    if len(paths) > 1:
        why = f"{why}; these own {count} of {len(paths)} tests"
    confidence = _sureness(rule, path) * count / len(paths)
    return Owner(
        names=names, source="codeowners", confidence=round(confidence, 2), why=why
    )


def _sureness(rule: Rule, path: str) -> float:
    if rule.default:
        return _BY_DEFAULT
    plain = rule.pattern.strip("/").replace("\\", "")
    return _BY_FILE if plain in {path, path.rpartition("/")[2]} else _BY_FOLDER


def _by_lines(blame: Sequence[BlameLine]) -> Owner | None:
    """Whoever wrote most of the lines, old ones counting less."""
    lines = [line for line in blame if line.author.human]
    if not lines:
        return None
    newest = max(line.time for line in lines)
    weights: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        age_s = (newest - line.time).total_seconds()
        weights[line.author.shown] += 0.5 ** (age_s / _HALF_LIFE_S)
    name = max(weights, key=lambda one: weights[one])
    own = [line for line in lines if line.author.shown == name]
    last = max(own, key=lambda line: line.time)
    least, most = _BY_LINES
    share = weights[name] / sum(weights.values())
    return Owner(
        names=(name,),
        source="blame",
        confidence=round(least + (most - least) * share, 2),
        why=f"wrote {len(own)} of {len(blame)} lines,"
        f" last on {last.time:%Y-%m-%d} in {last.sha[:8]}",
    )


def _by_commit(commit: CommitInfo | None) -> Owner | None:
    if commit is None or not (commit.author.human and commit.author.shown):
        return None
    return Owner(
        names=(commit.author.shown,),
        source="commit",
        confidence=_BY_COMMIT,
        why=f"made {commit.sha[:8]}, the commit that was built",
    )


def _rule(line: str, number: int) -> Rule | None:
    """The rule of a line; nothing for a comment, or where GitHub takes offence."""
    tokens = [found[0] for found in _TOKEN.finditer(line)]
    pattern = tokens[0] if tokens else "#"
    if pattern.startswith(("#", "!", r"\#")) or len(pattern) > MAX_PATTERN:
        return None
    owners = tuple(takewhile(lambda token: not token.startswith("#"), tokens[1:]))
    if "[" in pattern or "]" in pattern or not all(map(_OWNER.fullmatch, owners)):
        return None
    return Rule(pattern, owners, number)


def _expression(pattern: str) -> Expression:
    """What it fits, for an engine that hostile patterns cannot keep busy."""
    # Both are heavy, and a server starts before it knows whether anybody asks.
    from codeowners import path_to_regex  # noqa: PLC0415 - see above

    from sickbay.logs.rules.expression import Expression  # noqa: PLC0415 - same

    found = path_to_regex(pattern).pattern
    for end, ours in ((r"(?:\Z|/)", "(?:$|/)"), (r"\Z", "$")):
        if found.endswith(end):
            return Expression(found.removesuffix(end) + ours)
    return Expression(found)
