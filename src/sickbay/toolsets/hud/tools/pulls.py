"""The tool about pull requests: which of its failures are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from sickbay.core.gaps import Gaps
from sickbay.core.tool import Call, Identifier, tool
from sickbay.toolsets.hud.analysis.reference import pull_reference, repository
from sickbay.toolsets.hud.analysis.verdict import (
    advice,
    counted,
    ranked,
    states,
    verdict,
)
from sickbay.toolsets.hud.models.jobs import Repo
from sickbay.toolsets.hud.models.pulls import PullTriage
from sickbay.toolsets.hud.source import Hud
from sickbay.toolsets.hud.tools.docket import Docket

if TYPE_CHECKING:
    from sickbay.ci.decisions import Triaged
    from sickbay.ci.inputs import Inputs
    from sickbay.ci.models import Job

TRIAGE_S = 180.0


@tool(
    title="Triage of a pull request",
    items="failing",
    untrusted=("pull", "failing"),
    timeout_s=TRIAGE_S,
    open_world=True,
)
async def pr_triage(
    source: Hud,
    call: Call,
    *,
    pr: Annotated[str, Identifier(), "number or address"],
    repo: Repo = None,
    sha: Annotated[str | None, "an older push; the newest by default"] = None,
) -> PullTriage:
    """Tell which failures of a pull request are its own, as Dr.CI would.

    Gives the `verdict`, `advice`, `pull` (sha, merge base), `counts` by category
    (new_failure, broken_trunk, flaky, unstable, awaiting_approval, unknown), `states`
    of all jobs, and `failing`: category, step, evidence, missing inputs, line, log.
    """
    reference = pull_reference(pr, repo=repository(repo, source.repo))
    gaps = Gaps()
    docket = Docket(source, gaps, reference)
    pull, jobs, inputs = await docket.gathered(sha)
    rows = ranked(await call.thread(_triaged, jobs, inputs))
    return PullTriage(
        pull=pull,
        verdict=verdict(rows, jobs),
        counts=counted(rows),
        states=states(jobs),
        advice=advice(rows),
        failing=rows,
        coverage=gaps.coverage(len(jobs), len(jobs)),
    )


def _triaged(jobs: tuple[Job, ...], inputs: Inputs) -> tuple[Triaged, ...]:
    from sickbay.ci.triage import triage  # noqa: PLC0415 - brings RE2

    return triage(jobs, inputs)
