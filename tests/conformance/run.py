"""Runs the official conformance suite against our server: ``make conformance``.

Prints a table with a row for each era. The status is 1 when a check fails that
``expected.toml`` does not name, or one that it names does not fail.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conformance.judgement import checks, expected, judge, required

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conformance.judgement import Judgement

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "node_modules" / ".bin" / "node"
SUITE = ROOT / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
REQUIREMENTS = SUITE.parents[1] / "requirements"
COMMAND = (str(NODE), str(SUITE), "server")
EXPECTED = Path(__file__).with_name("expected.toml")
ERAS = ("2025-11-25", "2026-07-28")
COLUMNS = ("passed", "expected", "failed", "skipped")
LIMIT_S = 150


def main() -> int:
    """Run the suite in both eras."""
    if not (NODE.exists() and SUITE.exists()):
        _say("conformance: skipped, the suite is not installed (make node)")
        return 0
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder, "log")) as url:
        judgements = {era: _judged(era, url, Path(folder, era)) for era in ERAS}
        log = Path(folder, "log").read_text("utf-8")
    _table(judgements)
    failed = any(judgement.problems for judgement in judgements.values())
    if failed:
        _say(f"\nthe server's log:\n{log}")
    return int(failed)


@contextmanager
def _server(log: Path) -> Iterator[str]:
    """The server in a process of its own, for as long as the block runs."""
    command = [sys.executable, "-m", "tests.conformance.server"]
    with (
        log.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as run,
    ):
        try:
            port = run.stdout.readline().strip() if run.stdout else ""
            if not port:
                sys.exit(f"conformance: no server\n{log.read_text('utf-8')}")
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            run.terminate()


def _judged(era: str, url: str, results: Path) -> Judgement:
    results.mkdir()
    run = subprocess.run(
        [*COMMAND, "--url", url, "--requirements", era, "--output-dir", str(results)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    if "=== SUMMARY ===" not in run.stdout:
        sys.exit(f"conformance: the suite broke off\n{run.stdout}\n{run.stderr}")
    reasons = expected(EXPECTED.read_text("utf-8"), era)
    wanted = required((REQUIREMENTS / f"{era}.yaml").read_text("utf-8"))
    return judge(checks(results), reasons, wanted)


def _table(judgements: dict[str, Judgement]) -> None:
    _say(f"{'scenarios':<12}" + "".join(f"{name:>10}" for name in COLUMNS))
    for era, judgement in judgements.items():
        counts = "".join(f"{judgement.scenarios[name]:>10}" for name in COLUMNS)
        _say(f"{era:<12}{counts}   ({judgement.checks['SUCCESS']} checks passed)")
    for era, judgement in judgements.items():
        for reason, scenarios in judgement.excused.items():
            _say(f"\n{era}, expected: {', '.join(scenarios)}\n  {reason}")
        for problem in judgement.problems:
            _say(f"\n{era}, FAILED: {problem}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
