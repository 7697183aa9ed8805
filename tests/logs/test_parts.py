from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from sickbay.core.errors import TooLarge
from sickbay.logs import parts
from sickbay.logs.catalogue import Catalogue, catalogue
from sickbay.logs.explain import explain_bytes
from sickbay.logs.parts import diff_parts, explain_parts

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def wanted() -> Catalogue:
    return catalogue()


def test_parts_are_explained_like_the_whole(wanted: Catalogue) -> None:
    raw = (DATA / "pytest" / "default.log").read_bytes()
    pieces = [raw[at : at + 1000] for at in range(0, len(raw), 1000)]
    whole = explain_bytes(raw, "a log", wanted)
    assert explain_parts(pieces, wanted, source="a log") == whole
    assert whole.tests.failed


def test_threads_that_share_the_rules_do_not_disturb_each_other(
    wanted: Catalogue,
) -> None:
    logs = [path.read_bytes() for path in sorted((DATA / "pytest").glob("*.log"))][:8]
    alone = [explain_bytes(raw, "x", wanted) for raw in logs]
    start = Barrier(8)

    def explained(index: int) -> object:
        start.wait()
        return [explain_parts([logs[index]], wanted, source="x") for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(explained, range(len(logs))))
    assert together == [[report] * 3 for report in alone]


def test_a_junit_file_speaks_for_itself(wanted: Catalogue) -> None:
    raw = (DATA / "pytest" / "default.junit.xml").read_bytes()
    report = explain_parts([raw[:300], raw[300:]], wanted, source="x")
    assert report.tests.failed


def test_a_junit_file_too_large_is_refused(
    wanted: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "MAX_JUNIT", 100)
    with pytest.raises(TooLarge, match="XML"):
        explain_parts([b"<testsuites>", b" " * 200], wanted, source="x")


def test_the_difference_names_both_logs(wanted: Catalogue) -> None:
    passed, failed = [b"one\ntwo\n"], [b"one\nfatal error: no\n", b"two\n"]
    found = diff_parts(passed, failed, wanted, names=("good", "bad"))
    assert (found.passed, found.failed, found.new_lines) == ("good", "bad", 1)
