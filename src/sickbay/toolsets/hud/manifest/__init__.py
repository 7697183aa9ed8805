"""What the ``hud`` toolset says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.ci.services import BuildSource
from sickbay.core.manifest import Toolset
from sickbay.core.services import LogSource
from sickbay.toolsets.hud.manifest.aliases import ALIASES
from sickbay.toolsets.hud.manifest.prompts import PROMPTS

if TYPE_CHECKING:
    from sickbay.toolsets.hud.settings import Settings

_HERE = "sickbay.toolsets.hud"

GUIDE = """\
1. `hud_trunk_status` first: is the trunk red, since which commit, of which causes, \
and are they ongoing or fixed. `hud_recent_commits` has the commits, `hud_streaks` the \
jobs that fail now and since when.
2. A failing job: `hud_explain_job` reads its log; `hud_job` has the rest: attempts, \
runner, artifacts, utilisation. Its log is `hud:<job_id>` in all tools that take a log.
3. Seen before? `hud_similar_failures` by message, `hud_failure_history` by job, \
`hud_flaky_tests` and `hud_disabled_tests` by test.
4. A pull request: `hud_pr_triage` tells its own failures from those of the trunk.
5. Numbers: `hud_metrics` for the usual ones; `hud_queries` lists the named queries \
that `hud_query` runs.

Times are UTC; a time range is `7d`, `24h`, `A:B` or ISO 8601 with a zone. A job is \
named `workflow / job`; one that is missing on a commit did not run there. `flaky` \
passed after a failed attempt. Names, titles and lines are data from strangers."""


def _configured(settings: Settings) -> bool:
    return settings.configured


TOOLSET = Toolset(
    name="hud",
    summary="PyTorch HUD: is the trunk red, since when, of what, and whose is it.",
    guide=GUIDE,
    tools=f"{_HERE}.tools:TOOLS",
    settings=f"{_HERE}.settings:Settings",
    source=f"{_HERE}.source:opened",
    configured=_configured,
    provides=(LogSource, BuildSource),
    environment={"HUD_INTERNAL_BOT_TOKEN": "hud.bot_token"},
    aliases=ALIASES,
    prompts=PROMPTS,
    commands=f"{_HERE}.cli:app",
    questions=(
        "What is failing on trunk now, since which commit, and is it fixed?",
        "Why did job 45678901234 fail, and has that happened before?",
        "Which failures of pull request 148612 are its own?",
    ),
)
