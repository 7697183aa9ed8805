"""Calls of the tools of the history, and what is kept for them."""

from __future__ import annotations

from tests.contract.cases import Case
from tests.toolsets.history.stories import BREAKS, FLAKY, STORIES, Story

WORDS = (
    *("amber", "birch", "coral", "delta", "ember", "frost", "grove", "heath"),
    *("ivory", "jade", "koala", "lilac", "mango", "nutmeg", "onyx", "pearl"),
    *("quartz", "robin", "sable", "topaz", "umber", "violet", "willow", "zinc"),
)

MANY = (
    *(
        Story(f"t/test_many.py::test_{word}", range(30, 40), f"{word * 3} is gone")
        for word in WORDS
    ),
    *(
        Story(f"t/test_slow.py::test_{word}", seconds=2, later=7, since=20)
        for word in WORDS
    ),
    *(
        Story(f"t/test_shaky.py::test_{word}", range(n % 4, 40, 4), f"{word} shakes")
        for n, word in enumerate(WORDS)
    ),
)
"""Enough for answers of several pages."""

RARE = Story(
    "t/test_rare.py::test_rare", (38, 39), "a rare one", ran=(*range(5), 38, 39)
)
"""Any of the commits of thirty builds may have broken it."""

KEPT = (*STORIES, *MANY, RARE)

NOTHING = "2001-01-01..2001-02-01"
TEST = {"test_nodeid": BREAKS.test_id}

TESTS = (
    Case(tool="history_test_history", arguments=TEST),
    Case(
        tool="history_test_history",
        arguments={**TEST, "include_logs": False, "lookback_builds": 10},
    ),
    Case(
        tool="history_test_history",
        arguments={"test_nodeid": "t/test_a.py::test_nobody_has"},
        outcome="error",
    ),
    Case(tool="history_flaky_tests"),
    Case(
        tool="history_flaky_tests",
        arguments={"time_range": NOTHING},
        outcome="empty",
    ),
    Case(
        tool="history_flaky_tests",
        arguments={"time_range": "yesterday"},
        outcome="error",
    ),
    Case(tool="history_culprit", arguments=TEST),
    Case(tool="history_culprit", arguments={"test_nodeid": RARE.test_id}),
    Case(tool="history_culprit", arguments={**TEST, "good": "1", "bad": "40"}),
    Case(
        tool="history_culprit",
        arguments={"test_nodeid": "t/test_a.py::test_nobody_has"},
        outcome="error",
    ),
)

COMPARED = (
    Case(tool="history_compare", arguments={"one": "40"}),
    Case(tool="history_compare", arguments={"one": "40", "other": "10"}),
    Case(tool="history_compare", arguments={"one": "60h", "branch": "main"}),
    Case(tool="history_compare", arguments={"one": "branch:topic"}),
    Case(
        tool="history_compare",
        arguments={"one": "40", "other": "10", "change": "newly_failing"},
    ),
    Case(tool="history_compare", arguments={"one": "99999"}, outcome="error"),
    Case(tool="history_compare", arguments={"one": "branch:"}, outcome="error"),
    Case(
        tool="history_compare",
        arguments={"one": "40", "change": "worse"},
        outcome="error",
    ),
)

TIMED = (
    Case(tool="history_clusters", arguments={"time_range": "30d"}),
    Case(tool="history_clusters", arguments={"test_nodeid": FLAKY.test_id}),
    Case(tool="history_clusters", arguments={"trend": "gone", "branch": "*"}),
    Case(tool="history_clusters", arguments={"time_range": NOTHING}, outcome="empty"),
    Case(
        tool="history_clusters", arguments={"time_range": "yesterday"}, outcome="error"
    ),
    Case(tool="history_slow_tests"),
    Case(tool="history_slow_tests", arguments={"least_ratio": 50}, outcome="empty"),
    Case(tool="history_slow_tests", arguments={"least_ratio": 0}, outcome="error"),
)

ASKED = (
    Case(
        tool="history_query",
        arguments={"sql": "SELECT * FROM results ORDER BY build_id, test_id"},
    ),
    Case(
        tool="history_query",
        arguments={"sql": "SELECT count(*) AS n, avg(duration_s) AS s FROM results"},
    ),
    Case(
        tool="history_query",
        arguments={"sql": "SELECT * FROM builds WHERE false"},
        outcome="empty",
    ),
    Case(tool="history_query", arguments={"sql": "DROP TABLE builds"}, outcome="error"),
    Case(
        tool="history_query",
        arguments={"sql": "SELECT * FROM read_text('/etc/passwd')"},
        outcome="error",
    ),
    Case(tool="history_query", arguments={"sql": ""}, outcome="error"),
    Case(tool="history_status"),
)

CASES = (*TESTS, *COMPARED, *TIMED, *ASKED)
