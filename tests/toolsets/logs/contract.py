"""The cases of the ``logs`` toolset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.contract.cases import Case, Contract
from tests.toolsets.logs.samples import WORDS, failing_log, github_log, settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PASSED = "the build works\nall is well\n"
TROUBLE = (
    "{}: fatal error: {} {} CUDA error timeout warning: FAILED KeyError " + "x" * 99
)


def prepare(folder: Path) -> Mapping[str, Any]:
    """Logs of every kind in the working directory."""
    (folder / "pytest.log").write_text(failing_log(120))
    (folder / "steps.log").write_text(github_log(120))
    (folder / "passed.log").write_text(PASSED)
    (folder / "binary.log").write_bytes(bytes(range(1, 32)) * 99)
    (folder / "long.log").write_text(PASSED * 2000)
    trouble = [
        PASSED * 5 + TROUBLE.format(WORDS[n % 8], WORDS[n // 8 % 8], WORDS[n // 64])
        for n in range(150)
    ]
    (folder / "trouble.log").write_text("\n".join(trouble))
    many = folder / "many"
    many.mkdir()
    for word in WORDS:
        (many / f"{word}.log").write_text(f"{word}.c:1:2: error: no {word}\n")
    (many / "passed.log").write_text(PASSED)
    return settings(folder)


NOWHERE = {"log": "nowhere.log"}

CONTRACT = Contract(
    prepare=prepare,
    cases=(
        Case(tool="logs_explain", arguments={"log": "pytest.log"}),
        Case(tool="logs_explain", arguments={"log": "steps.log"}),
        Case(tool="logs_explain", arguments={"log": "many"}),
        Case(tool="logs_explain", arguments={"log": "passed.log"}, outcome="empty"),
        Case(tool="logs_explain", arguments=NOWHERE, outcome="error"),
        Case(tool="logs_explain", arguments={"log": "../x"}, outcome="error"),
        Case(tool="logs_explain", arguments={"log": "binary.log"}, outcome="error"),
        Case(tool="logs_explain", arguments={"log": "log:zz"}, outcome="error"),
        Case(tool="logs_explain", arguments={"log": "hud:1"}, outcome="error"),
        Case(tool="logs_explain", arguments={"log": "http://x/"}, outcome="error"),
        Case(
            tool="logs_search",
            arguments={"logs": "pytest.log", "pattern": "FAILED", "context_lines": 2},
        ),
        Case(
            tool="logs_search",
            arguments={"logs": ["many"], "pattern": "ERROR: NO", "ignore_case": True},
        ),
        Case(
            tool="logs_search",
            arguments={"logs": ["many", "nowhere.log"], "pattern": "."},
            outcome="partial",
        ),
        Case(
            tool="logs_search",
            arguments={"logs": ["many"], "pattern": "none", "literal": True},
            outcome="empty",
        ),
        Case(
            tool="logs_search",
            arguments={"logs": ["many"], "pattern": "(?=a)"},
            outcome="error",
        ),
        Case(
            tool="logs_search",
            arguments={"logs": [], "pattern": "a"},
            outcome="error",
        ),
        Case(tool="logs_read", arguments={"log": "pytest.log"}),
        Case(
            tool="logs_read",
            arguments={"log": "passed.log", "line_start": "2", "line_end": 9},
        ),
        Case(tool="logs_read", arguments={"log": "steps.log", "section": 2}),
        Case(
            tool="logs_read",
            arguments={"log": "steps.log", "section": "amber 16", "tail": 2},
        ),
        Case(
            tool="logs_read",
            arguments={"log": "passed.log", "line_start": 9},
            outcome="empty",
        ),
        Case(
            tool="logs_read",
            arguments={"log": "passed.log", "line_start": 3, "line_end": 2},
            outcome="error",
        ),
        Case(
            tool="logs_read",
            arguments={"log": "steps.log", "section": "amber"},
            outcome="error",
        ),
        Case(tool="logs_extract_test_results", arguments={"log": "pytest.log"}),
        Case(
            tool="logs_extract_test_results",
            arguments={"log": "passed.log"},
            outcome="empty",
        ),
        Case(tool="logs_extract_test_results", arguments=NOWHERE, outcome="error"),
        Case(
            tool="logs_extract_patterns", arguments={"log": "trouble.log", "samples": 9}
        ),
        Case(
            tool="logs_extract_patterns",
            arguments={
                "log": "pytest.log",
                "patterns": {"bed": r"bed called (\w+)"},
                "groups": ["exceptions"],
            },
        ),
        Case(
            tool="logs_extract_patterns",
            arguments={"log": "passed.log"},
            outcome="empty",
        ),
        Case(
            tool="logs_extract_patterns",
            arguments={"log": "passed.log", "patterns": {"x": "("}},
            outcome="error",
        ),
        Case(
            tool="logs_extract_patterns",
            arguments={"log": "passed.log", "groups": ["cudda"]},
            outcome="error",
        ),
        Case(tool="logs_filter_sections", arguments={"log": "steps.log"}),
        Case(
            tool="logs_filter_sections",
            arguments={"log": "pytest.log", "start": "^_+ test", "end": "^test_ward"},
        ),
        Case(
            tool="logs_filter_sections",
            arguments={"log": "passed.log"},
            outcome="empty",
        ),
        Case(
            tool="logs_filter_sections",
            arguments={"log": "passed.log", "end": "x"},
            outcome="error",
        ),
        Case(
            tool="logs_diff",
            arguments={"passed": "long.log", "failed": "trouble.log"},
        ),
        Case(
            tool="logs_diff",
            arguments={"passed": "passed.log", "failed": "passed.log"},
            outcome="empty",
        ),
        Case(
            tool="logs_diff",
            arguments={"passed": "passed.log", "failed": "nowhere.log"},
            outcome="error",
        ),
        Case(tool="logs_cluster", arguments={"logs": ["many", "pytest.log"]}),
        Case(
            tool="logs_cluster",
            arguments={"logs": "many/passed.log"},
            outcome="empty",
        ),
        Case(
            tool="logs_cluster",
            arguments={"logs": ["many", "binary.log"]},
            outcome="partial",
        ),
        Case(tool="logs_cluster", arguments={"logs": ["no", "none"]}, outcome="error"),
        Case(tool="logs_download", arguments={"log": "pytest.log"}),
        Case(tool="logs_download", arguments=NOWHERE, outcome="error"),
        Case(
            tool="logs_download",
            arguments={"log": "http://169.254.169.254/latest", "refresh": True},
            outcome="error",
        ),
    ),
)
