"""Names and arguments that clients of the predecessor still use."""

from __future__ import annotations

from sickbay.core.manifest import Alias

ALIASES: tuple[Alias, ...] = ()
