"""Names and arguments that clients of the predecessor still use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.core.manifest import Alias

ALIASES: tuple[Alias, ...] = ()
