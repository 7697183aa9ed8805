"""Sickbay: finds out what ails machine-learning infrastructure, and helps mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sickbay.api import (
        AsyncHudClient,
        HudClient,
        HudError,
        call,
        cluster,
        diff,
        explain,
        explain_many,
        tools,
        wanted,
    )

__version__ = "0.1.0"
__all__ = [
    "AsyncHudClient",
    "HudClient",
    "HudError",
    "call",
    "cluster",
    "diff",
    "explain",
    "explain_many",
    "tools",
    "wanted",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import the Python face when it is first used: ``--version`` does without."""
    if name not in __all__:
        raise AttributeError(f"module 'sickbay' has no attribute {name!r}")
    from sickbay import api  # noqa: PLC0415 - this is the point

    return getattr(api, name)
