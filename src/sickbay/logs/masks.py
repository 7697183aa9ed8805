"""Masks what differs between two runs that fail alike: times, ids, sizes, places.

What tells one failure from another stays: errno, exit and HTTP codes, signals, XID and
CUDA error numbers, versions, and integers of one digit.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

_UNITS = (
    r"[mun\u00b5]s|[smh]|(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|h(?:ou)?rs?|days?"
    r"|[kKMGTP]i?[Bb]|[Bb]ytes|B"
)
_NAME = r"[^/\s<>\"'`:;,()\[\]{}]{1,128}"
# A word that holds a digit, with what is joined to it and its unit; possessive, so that
# every line is linear.
_WORD = (
    r"\b(?=[A-Za-z]*+[0-9])[0-9A-Za-z]++(?:[.:_+-]++[0-9A-Za-z]++)*+_*+"
    rf"(?:,[0-9]{{3}}\b|/[0-9]{{2}}/[0-9]{{2,4}}\b|/s\b| ?%| (?:{_UNITS})(?:/s)?\b)?"
)
# What needs a look at its neighbours is replaced before. Separate patterns, for one
# pattern of them all takes four times as long.
_EXTENSION = "|".join(rf"(?<=\.[A-Za-z]{{{size}}}[:(])" for size in range(1, 7))
_TEMPORARY = (
    rf"/(?<![A-Za-z0-9_.~>-]/)(?:private/)?(?:var/)?(?:tmp|folders/{_NAME}/{_NAME}/T)"
    rf"/(?:pytest-of-{_NAME}/pytest-{_NAME}(?:/[A-Za-z0-9_-]*[0-9]\b)?|{_NAME})"
)
_FIRST = (
    (r"[ \t]{2,}", " "),
    (
        rf":(?:{_EXTENSION})(?:[0-9]++(?::[0-9]++)*+\b|\[[0-9]++,[0-9]++\])",
        ":<L>",
    ),
    (rf"\((?:{_EXTENSION})[0-9]++,[0-9]++\)", ":<L>"),
    (_TEMPORARY, "<TMP>"),
    (r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{1,2}\b", "<DAY>"),
    (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? <DAY>", "<DAY>"),
    (r"Xid \([^()\n]{1,40}\): (?=[0-9])", "Xid (<PCI>): "),
)
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_DATE = r"[0-9]{4}[-/.:][0-9]{2}[-/.:][0-9]{2}"
_CLOCK = r"[0-9]{1,2}[:_-][0-9]{2}[:_-][0-9]{2}(?:[.,:_][0-9]{1,9})?"
_MIXED = r"(?=[a-fA-F]*+[0-9])(?=[0-9]*+[a-fA-F])"
_COUNTING = "line|rank|thread|worker|pid|goroutine|pool|port"
_FLOAT = "<F>"
# First match wins. ``None`` keeps the words.
_KINDS: tuple[tuple[str | None, str], ...] = (
    ("<UUID>", r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
    ("<TIME>", rf"{_DATE}(?:[T_-]{_CLOCK}Z?(?:[+-][0-9]{{2}}:?[0-9]{{2}})?)?"),
    ("<TIME>", rf"{_CLOCK}Z?(?:[+-][0-9]{{2}}:?[0-9]{{2}})?"),
    ("<TIME>", r"[0-9]{2}[/-][0-9]{2}[/-][0-9]{2,4}|[0-9]{2}-[0-9]{2}"),
    ("<IP>", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?"),
    ("<PCI>", r"[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-9])?"),
    ("<IP>", r"[0-9a-fA-F]{1,4}(?:::?[0-9a-fA-F]{1,4}){3,7}"),
    (None, r"v?[0-9]+(?:\.[0-9]+){2,}[0-9A-Za-z.+_-]*|[A-Za-z]+[0-9]+(?:\.[0-9]+)+"),
    ("<HEX>", r"0[xX][0-9a-fA-F]+"),
    ("<DUR>", rf"{_NUMBER} ?(?:[mun\u00b5]s|[smh]|(?:milli)?sec(?:ond)?s?)"),
    ("<DUR>", rf"{_NUMBER} ?(?:min(?:ute)?s?|h(?:ou)?rs?|days?)"),
    ("<DUR>", r"(?:[0-9]+[dhm]){1,3}(?:[0-9]+(?:\.[0-9]+)?m?s)?"),
    ("<SIZE>", rf"{_NUMBER} ?(?:[kKMGTP]i?[Bb]?|[Bb]ytes|B)(?:/s)?"),
    ("<RATE>", rf"{_NUMBER} ?[a-z]+/s"),
    ("<TIME>", r"[0-9]{1,3}:[0-9]{2}"),
    ("<PCT>", rf"{_NUMBER} ?%"),
    (_FLOAT, r"[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+|[0-9]+\.[0-9]+"),
    ("<WORKER>", rf"(?:gw|rank)[0-9]+|(?:[0-9]+-)?(?i:{_COUNTING})[:-]+[0-9]+"),
    ("<N>", r"[0-9]{2,}|[0-9]{1,3},[0-9]{3}"),
    ("<SHA>", _MIXED + r"(?:[0-9a-f]{64}|[0-9a-f]{40})"),
    ("<HEX>", _MIXED + r"[0-9a-fA-F]{7,128}"),
    ("<ID>", r"(?=(?:[A-Za-z]*+[0-9]++){4})[A-Za-z0-9]{16,256}"),
)
_JOINTS = " :=(#-"
_TELLING = (
    *("code", "status", "exit", "exit value", "exited with", "signal", "errno", " rc"),
    *("returned error", "cuda error", "http", "http/"),
)
_HTTP_PHRASES = (
    *(" Client Error", " Server Error", " Forbidden", " Not Found", " Unauthorized"),
    *(" Bad ", " Service ", " Too Many", " Gateway", " Internal", " Conflict"),
)
_LONG = 200


def mask(text: str) -> str:
    """The text with everything that always varies replaced by stable tokens.

    Works on one line or on many: nothing matches across a line's end, and no line end
    is added or taken away.
    """
    for pattern, token in _first():
        text = pattern.sub(token, text)
    return _word_pattern().sub(_replaced, text)


@cache
def _first() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern, re.ASCII), token) for pattern, token in _FIRST)


@cache
def _word_pattern() -> re.Pattern[str]:
    return re.compile(_WORD, re.ASCII)


@cache
def _kinds() -> re.Pattern[str]:
    inner = "|".join(f"({pattern})" for _, pattern in _KINDS)
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{inner})(?![A-Za-z0-9_])")


def _replaced(match: re.Match[str]) -> str:
    word = match[0]
    if word.isdecimal():
        return _integer(word, match)
    if len(word) > _LONG or word.startswith(("0x", "0X")):
        return _masked(word)
    token = _of_shape(word.translate(_NINES))
    if token is None:
        return _cached(word)
    return word if not token or (token == _FLOAT and _is_version(match)) else token


_NINES = str.maketrans("012345678", "999999999")


@lru_cache(maxsize=65536)
def _of_shape(shape: str) -> str | None:
    """What stands for every word of this shape.

    No kind asks for one digit rather than another, but for ``0x``. So a shape that is
    left as it is means that the words are (empty), and one without a digit left is the
    mask of all of them. ``None`` when the words have to be masked one by one.
    """
    masked = _masked(shape)
    if masked == shape:
        return ""
    return None if "9" in masked else masked


def _masked(word: str) -> str:
    return _kinds().sub(
        lambda match: _KINDS[(match.lastindex or 1) - 1][0] or match[0], word
    )


_cached = lru_cache(maxsize=65536)(_masked)


def _integer(word: str, match: re.Match[str]) -> str:
    start = match.start()
    before = match.string[max(start - 18, 0) : start]
    stem = before.rstrip(_JOINTS).lower() if before[-1:] in _JOINTS else ""
    if len(word) == 1:
        return "<N>" if _counting().search(stem) else word
    if stem.rstrip(".0123456789").endswith(_TELLING) or before.endswith("): "):
        return word
    if stem.endswith("error") and ":" not in before[len(stem) :]:
        return word
    after = match.string[match.end() : match.end() + 14]
    if len(word) == len("404") and after.startswith(_HTTP_PHRASES):
        return word
    return "<N>"


@cache
def _counting() -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9_])(?:{_COUNTING})\Z")


def _is_version(match: re.Match[str]) -> bool:
    start = match.start()
    before = match.string[max(start - 12, 0) : start]
    if before.endswith(("==", ">=", "<=", "~=", "!=", "HTTP/")):
        return True
    return before.rstrip(" :='\"v").lower().endswith(("version", "python"))
