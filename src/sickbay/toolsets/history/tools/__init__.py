"""The tools of ``history``, as the server registers them."""

from __future__ import annotations

TOOLS = ()
