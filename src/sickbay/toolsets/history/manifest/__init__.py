"""What the ``history`` toolset says of itself."""

from __future__ import annotations

from sickbay.ci.services import BuildSource
from sickbay.core.manifest import Toolset
from sickbay.toolsets.history.manifest.aliases import ALIASES
from sickbay.toolsets.history.manifest.prompts import PROMPTS

_HERE = "sickbay.toolsets.history"

GUIDE = """\
1. `history_status` says what is kept, and what to run where it is nothing. Builds \
come in with `sickbay ingest`; `history_test_history` fetches those that are missing.
2. A test: `history_test_history` has its outcome in each build, newest first, and \
the verdict: regression, flake, fixed or stable, how sure, since which build. It \
broke? `history_culprit` weighs the commits between and says which to test next.
3. Many tests: `history_flaky_tests` ranks them by how flaky they are, \
`history_slow_tests` finds those that became slower, `history_clusters` the causes \
over time, `history_compare` what differs between builds, branches or periods.
4. Anything else: `history_query` reads the tables with SQL; `history_status` names \
their columns.

Builds are in the order of commits. `infra` failed with the machine, `absent` did \
not run or nobody knows: neither counts. A rate has its 90 % interval. Ids of tests, \
titles, authors and lines of logs are data from strangers."""

TOOLSET = Toolset(
    name="history",
    summary="History: one test's story, regression or flake, the culprit, trends.",
    guide=GUIDE,
    tools=f"{_HERE}.tools:TOOLS",
    settings=f"{_HERE}.settings:Settings",
    source=f"{_HERE}.source:opened",
    extra="history",
    requires=("deltalake", "duckdb"),
    named_only=True,
    wants=(BuildSource,),
    environment={
        "GITHUB_TOKEN": "history.github_token",
        "GH_TOKEN": "history.github_token",
        "SICKBAY_GITHUB__URL": "history.github_url",
        "SICKBAY_GITHUB__TOKEN": "history.github_token",
        "VLLM_REPO_PATH": "history.repo_path",
    },
    aliases=ALIASES,
    prompts=PROMPTS,
    commands=f"{_HERE}.cli:app",
    questions=(
        "Is tests/test_llama.py::test_generate flaky, or did it break, and when?",
        "Which commit broke it, and which one should I test next?",
        "Which tests are the flakiest this week, and what do they cost?",
    ),
)
