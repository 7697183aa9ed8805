"""What people type behind ``sickbay history``."""

from __future__ import annotations

from cyclopts import App

from sickbay.toolsets.history.cli.clusters import clusters
from sickbay.toolsets.history.cli.compare import compare
from sickbay.toolsets.history.cli.culprit import culprit
from sickbay.toolsets.history.cli.flaky import flaky
from sickbay.toolsets.history.cli.ingest import app as ingest
from sickbay.toolsets.history.cli.query import query
from sickbay.toolsets.history.cli.slow import slow
from sickbay.toolsets.history.cli.status import status
from sickbay.toolsets.history.cli.story import story
from sickbay.toolsets.history.cli.tidy import tidy

app = App(
    name="history",
    help="History: one test's story, flakes, culprits, and what is kept of builds.",
    help_format="plaintext",
)
app.command(story, name="test")
app.command(ingest)
for _command in (flaky, culprit, compare, clusters, slow, query, status, tidy):
    app.command(_command)
