"""What jobs say besides their tests, from ``said.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

FOLDER = resources.files(__package__)


@cache
def _all() -> dict[str, tuple[str, ...]]:
    found = tomllib.loads((FOLDER / "said.toml").read_text("utf-8"))
    return {topic: tuple(text.strip("\n").split("\n")) for topic, text in found.items()}


def saying(topic: str, **fields: object) -> list[str]:
    """Lines about a topic, as a terminal ends them."""
    lines = (line.format(**fields) if fields else line for line in _all()[topic])
    return [f"{line}\r\n" for line in lines]


def kinds(topic: str) -> tuple[str, ...]:
    """Lines about a topic as they are written down."""
    return _all()[topic]
