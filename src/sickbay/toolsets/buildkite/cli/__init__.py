"""What people type behind ``sickbay buildkite``."""

from __future__ import annotations

from cyclopts import App

from sickbay.toolsets.buildkite.cli.builds import build, builds
from sickbay.toolsets.buildkite.cli.changes import issue, retry, unblock
from sickbay.toolsets.buildkite.cli.compare import compare
from sickbay.toolsets.buildkite.cli.extras import annotated, artifacts
from sickbay.toolsets.buildkite.cli.jobs import job, log
from sickbay.toolsets.buildkite.cli.nightly import nightly
from sickbay.toolsets.buildkite.cli.report import report
from sickbay.toolsets.buildkite.cli.save import save
from sickbay.toolsets.buildkite.cli.scan import scan

app = App(
    name="buildkite",
    help="Buildkite: scan a build, find causes and owners, write the reports.",
    help_format="plaintext",
)
app.command(annotated, name="annotations")
for _command in (
    nightly,
    scan,
    report,
    compare,
    builds,
    build,
    job,
    log,
    artifacts,
    save,
    retry,
    unblock,
    issue,
):
    app.command(_command)
