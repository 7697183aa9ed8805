"""The tools of ``buildkite``, as the server registers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.core.tool import Tool

TOOLS: tuple[Tool, ...] = ()
