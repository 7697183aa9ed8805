"""The tools of ``history``, as the server registers them."""

from __future__ import annotations

from sickbay.toolsets.history.tools.clusters import clusters
from sickbay.toolsets.history.tools.comparison import compare
from sickbay.toolsets.history.tools.culprit import culprit
from sickbay.toolsets.history.tools.durations import slow_tests
from sickbay.toolsets.history.tools.flaky import flaky_tests
from sickbay.toolsets.history.tools.query import query
from sickbay.toolsets.history.tools.status import status
from sickbay.toolsets.history.tools.story import story

TOOLS = (
    story,
    flaky_tests,
    culprit,
    compare,
    clusters,
    slow_tests,
    query,
    status,
)
