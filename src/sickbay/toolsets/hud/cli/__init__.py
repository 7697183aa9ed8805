"""What people type behind ``sickbay hud``."""

from __future__ import annotations

from cyclopts import App

from sickbay.toolsets.hud.cli.commit import commit
from sickbay.toolsets.hud.cli.job import job
from sickbay.toolsets.hud.cli.pull import pr
from sickbay.toolsets.hud.cli.query import metrics, query
from sickbay.toolsets.hud.cli.trunk import trunk

app = App(
    name="hud",
    help="PyTorch HUD: the trunk, its jobs, their failures and the numbers.",
    help_format="plaintext",
)
for _command in (trunk, commit, job, pr, query, metrics):
    app.command(_command)
