"""Readers of test frameworks: one module each, found by walking this folder."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sickbay.logs.frameworks.results import Framework, Session
    from sickbay.logs.log import Log


def _found() -> Iterator[Framework]:
    for info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = import_module(f"{__name__}.{info.name}")
        if hasattr(module, "ANCHORS"):
            yield cast("Framework", module)


FRAMEWORKS: tuple[Framework, ...] = tuple(_found())


def all_sessions(log: Log) -> Sequence[Session]:
    """Every session of every framework that the log speaks of, in log order."""
    sessions = [
        session
        for framework in FRAMEWORKS
        if log.marks.any(framework.NAME)
        for session in framework.sessions(log)
    ]
    return sorted(sessions, key=lambda session: session.line_start)
