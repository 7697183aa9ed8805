"""The tools of ``logs``, as the server registers them."""

from __future__ import annotations

from sickbay.toolsets.logs.tools.cutting import extract_patterns, filter_sections
from sickbay.toolsets.logs.tools.fetching import download
from sickbay.toolsets.logs.tools.reading import read, search
from sickbay.toolsets.logs.tools.reporting import (
    cluster,
    diff,
    explain,
    extract_test_results,
)

TOOLS = (
    explain,
    search,
    read,
    extract_test_results,
    extract_patterns,
    filter_sections,
    diff,
    cluster,
    download,
)
