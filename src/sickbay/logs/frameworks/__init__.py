"""Readers of test frameworks: one module each, found by walking this folder.

A log speaks one or two of them; the others are not even imported for it.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, cast

from sickbay.logs.anchors import Anchor
from sickbay.logs.frameworks.bounds import bounded
from sickbay.logs.frameworks.nesting import unnested
from sickbay.logs.recall import recalled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.frameworks.results import Framework, Session
    from sickbay.logs.log import Log
    from sickbay.logs.recall import Cache


def readers() -> Iterator[Framework]:
    """Every reader, by name."""
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = _module(info.name)
        if hasattr(module, "ANCHORS"):
            yield cast("Framework", module)


def anchors(cache: Cache | None = None) -> Sequence[Anchor]:
    """The lines that the readers look for.

    Args:
        cache: Where they are kept: importing all readers takes 50 ms, this 4 ms.
    """
    return recalled(cache, "anchors", _sources(), Anchor, _anchors)


def _anchors() -> Iterator[Anchor]:
    for reader in readers():
        yield from reader.ANCHORS


def _sources(below: str = "") -> Iterator[bytes]:
    """The text of every module in this folder and those below it."""
    folders = [f"{folder}/{below}" for folder in __path__]
    for info in sorted(pkgutil.iter_modules(folders), key=lambda info: info.name):
        if info.ispkg:
            yield from _sources(f"{below}{info.name}/")
        name = f"{info.name}/__init__.py" if info.ispkg else f"{info.name}.py"
        yield pkgutil.get_data(__name__, below + name) or b""


def all_sessions(log: Log) -> Sequence[Session]:
    """Every session of every framework that the log speaks of, in log order."""
    own = {info.name for info in pkgutil.iter_modules(__path__)}
    seen = {name.partition(".")[0] for name in log.marks.by_name}
    sessions = [
        bounded(session, log.lines.total)
        for name in sorted(own & seen)
        for session in cast("Framework", _module(name)).sessions(log)
    ]
    return unnested(sorted(sessions, key=lambda session: session.line_start))


def _module(name: str) -> object:
    return import_module(f"{__name__}.{name}")
