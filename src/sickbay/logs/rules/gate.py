"""The gate: words that a line must hold before most patterns are tried on it.

Hundreds of patterns together halve the speed of the scan several times over, and
nearly all of them need a word of failure ("error", "cannot", "killed" ...). Such a
pattern is tried only on lines that hold one. Which patterns these are is worked out
from the patterns, so a rule need not know about the gate.
"""

from __future__ import annotations

import re

from sickbay.logs.rules.atoms import Atom, alternatives

WORDS = (
    "error", "fail", "fatal", "except", "cannot", "could no", "unable", "denied",
    "refused", "timed out", "timeout", "invalid", "missing", "abort", "panic", "killed",
    "unresolved", "unknown", "unsupported", "mismatch", "conflict", "exceeded",
    "expired", "illegal", "corrupt", "crash", "fault", "broken", "unavailable",
    "does not", "do not", "is not", "are not", "cancel", "forbidden", "unauthorized",
    "rejected", "overflow", "deadlock", "violat", "duplicate", "interrupt", "quota",
    "assert", "unrecogni", "unbound", "undeclared", "unreachable", "unsatisf", "err!",
    "died", "sig", "lost", "***", "warn", "not ", "no ", "n't", "limit", "memory",
    "bad", "insufficient", "exhaust", "dumped", "traceback", "problem", "wrong",
    "giving up", "unhandled", "attempt", "retry", "disconnect", "closed", "terminat",
    "bailing", "gave up", "forget", "out of date", "out of sync", "outdated", "stale",
    "breaking", "please", "should", "or greater", "or later", "or higher", "or newer",
    "or above", "at least", "incompatib", "uncompatib", "undocumented", "copyright",
    "licen", "dead link", "vulnerab", "offen", "lint", "misspel", "whitespace",
    "format", "api of", "surface", "did not", "unset", "expected", "detected",
    "affected", "connected", "protected", "redirected", "status", "needs", "needed",
    "need to", "critical", "changed", "returned", "err_", "server", "exit", "stopped",
    "stopping", "notfound", "have ", "malformed", "preempt", "nosuch", "must", "too ",
    "undefin", "ambiguous", "required", "requires", "only ", "trailing", "going down",
    "shutting down",
)  # fmt: skip
"""In lower case; the gate ignores case."""

MOST = 120
"""Alternatives into which one pattern is spread, at most."""


_PLACE = re.compile(r"\.[a-z]{2,5}:[0-9]")
_CASELESS = "(?i:"
_PLAIN = ("(", "(?:", _CASELESS)


def gate() -> tuple[str, ...]:
    """The patterns that open the gate for a line: a word, or a place in a file."""
    words = (word.replace("*", r"\*") for word in WORDS)
    return "(?i:" + "|".join(words) + ")", r"\.[a-zA-Z]{2,5}:[0-9]"


def spread(pattern: str) -> list[str]:
    """The pattern as its alternatives, each on its own, groups of them resolved.

    One alternative that needs no word of the gate would keep all of them out of it.
    """
    try:
        parts = alternatives(pattern)
    except ValueError:
        return [pattern]
    for depth in (5, 2, 1):  # groups in groups multiply
        rows = [row for atoms in parts for row in _spread(atoms, depth)]
        if len(rows) <= MOST:
            return ["".join(map(str, row)) for row in rows]
    return [pattern]


def _spread(atoms: list[Atom], depth: int) -> list[list[Atom]]:
    for index, atom in enumerate(atoms):
        if not depth or atom.quantifier or atom.opening not in _PLAIN:
            continue
        inner = [
            row
            for part in alternatives(atom.inside)
            for row in _spread(part, depth - 1)
        ]
        if atom.opening == _CASELESS and len(inner) == 1:
            continue
        if atom.opening == _CASELESS:
            inner = [[Atom(f"{_CASELESS}{''.join(map(str, row))})")] for row in inner]
        before, after = atoms[:index], atoms[index + 1 :]
        rows = [[*before, *row, *after] for row in inner]
        return [part for row in rows for part in _spread(row, depth - 1)]
    return [atoms]


def is_gated(pattern: str) -> bool:
    """Whether every line that matches holds a word of the gate."""
    try:
        return all(_needs_word(atoms) for atoms in alternatives(pattern))
    except ValueError:
        return False


def _needs_word(atoms: list[Atom]) -> bool:
    text = ""
    for atom in atoms:
        letter = "0" if atom.text in (r"\d", "[0-9]") else atom.letter
        if letter and atom.least >= 1:
            text += letter
            if (
                atom.quantifier and letter != "0"
            ):  # it may come again: what follows is not its neighbour
                text += "\n"
            continue
        text += "\n"
        if atom.opening and atom.least >= 1 and is_gated(atom.inside):
            return True
    return any(word in text for word in WORDS) or bool(_PLACE.search(text))
