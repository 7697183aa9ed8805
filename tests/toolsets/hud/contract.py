"""The cases of the ``hud`` toolset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.cases import Contract
from tests.toolsets.hud import cases_jobs, cases_numbers, cases_trunk
from tests.toolsets.hud.stand import CANARY, shared
from tests.toolsets.logs import samples

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def prepare(folder: Path) -> Mapping[str, Any]:
    """Start the simulated HUD, once a process."""
    return {
        **samples.settings(folder / ".kept"),
        "toolsets": "hud",
        **shared().settings(bot_token=CANARY),
    }


CONTRACT = Contract(
    prepare=prepare,
    canaries=(CANARY,),
    cases=(*cases_trunk.CASES, *cases_jobs.CASES, *cases_numbers.CASES),
)
