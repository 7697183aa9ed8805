"""Ways to begin with a build."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sickbay.core.manifest import Prompt

PROMPTS: tuple[Prompt, ...] = ()
