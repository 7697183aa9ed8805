"""What a search asks for, in GitHub's language of words, fields and operators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sickbay.simulators.github.facts import Issue

MAX_CHARS = 256
MAX_OPERATORS = 5
OPERATORS = frozenset({"AND", "OR", "NOT"})
PIECE = re.compile(r'\(|\)|-?[\w-]+:"[^"]*"|-?[\w-]+:[^\s()]+|"[^"]*"|[^\s()"]+')
WORD = re.compile(r"[a-z0-9]+")
FIELD = re.compile(r'(-?)([a-z]+):"?([^"]*)"?')


class QueryError(ValueError):
    """GitHub does not take the query."""


@dataclass(slots=True)
class Query:
    """A query, taken apart from left to right."""

    pieces: list[str]
    repo: str = ""
    place: int = 0

    def matches(self) -> Callable[[Issue], bool]:
        """What tells whether an issue is looked for."""
        found = self._either()
        if self.place < len(self.pieces):
            raise QueryError("the parentheses do not match")
        return found

    def _either(self) -> Callable[[Issue], bool]:
        parts = [self._all()]
        while self._next() == "OR":
            self.place += 1
            parts.append(self._all())
        return lambda issue: any(part(issue) for part in parts)

    def _all(self) -> Callable[[Issue], bool]:
        parts = []
        while (piece := self._next()) not in {None, "OR", ")"}:
            if piece == "AND":
                self.place += 1
                continue
            parts.append(self._one())
        return lambda issue: all(part(issue) for part in parts)

    def _one(self) -> Callable[[Issue], bool]:
        piece = self.pieces[self.place]
        self.place += 1
        if piece == "NOT":
            inner = self._one()
            return lambda issue: not inner(issue)
        if piece == "(":
            found = self._either()
            if self._next() != ")":
                raise QueryError("the parentheses do not match")
            self.place += 1
            return found
        if field := FIELD.fullmatch(piece):
            return _field(self, *field.groups())
        return _words(piece)

    def _next(self) -> str | None:
        return self.pieces[self.place] if self.place < len(self.pieces) else None


def parsed(text: str) -> tuple[Callable[[Issue], bool], str]:
    """What tells whether an issue is looked for, and the repository it is to be in.

    Raises:
        QueryError: It is too long, or no query.
    """
    if not text.strip():
        raise QueryError("a query has at least one word")
    pieces = PIECE.findall(text)
    words = [piece for piece in pieces if ":" not in piece]
    if len(" ".join(words)) > MAX_CHARS:
        raise QueryError("The search is longer than 256 characters.")
    if sum(piece in OPERATORS for piece in pieces) > MAX_OPERATORS:
        raise QueryError("More than five AND / OR / NOT operators were used.")
    query = Query(pieces)
    return query.matches(), query.repo


def _field(query: Query, minus: str, name: str, value: str) -> Callable[[Issue], bool]:
    wanted = value.lower()
    if name == "repo":
        query.repo = value
        return lambda _: True
    if name not in TESTS or (name in {"is", "type", "state"} and wanted not in WORDS):
        return lambda _: True
    test = TESTS[name]
    return lambda issue: test(issue, wanted) != bool(minus)


WORDS: dict[str, Callable[[Issue], bool]] = {
    "issue": lambda issue: not issue.pull,
    "pr": lambda issue: issue.pull,
    "pull-request": lambda issue: issue.pull,
    "open": lambda issue: issue.closed_at is None,
    "closed": lambda issue: issue.closed_at is not None,
}
TESTS: dict[str, Callable[[Issue, str], bool]] = {
    "is": lambda issue, value: WORDS[value](issue),
    "type": lambda issue, value: WORDS[value](issue),
    "state": lambda issue, value: WORDS[value](issue),
    "label": lambda issue, value: value in map(str.lower, issue.labels),
    "author": lambda issue, value: issue.author.lower() == value,
    "assignee": lambda issue, value: value in map(str.lower, issue.assignees),
}


def _words(piece: str) -> Callable[[Issue], bool]:
    """Words that follow one another in the title or the text, whatever is between."""
    wanted = " ".join(WORD.findall(piece.lower()))

    def found(issue: Issue) -> bool:
        return any(f" {wanted} " in text for text in _texts(issue))

    return found


def _texts(issue: Issue) -> Iterator[str]:
    for text in (issue.title, issue.body):
        yield f" {' '.join(WORD.findall(text.lower()))} "
