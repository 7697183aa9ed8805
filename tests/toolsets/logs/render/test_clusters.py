from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.results import Coverage, Skipped
from sickbay.logs.cluster import cluster
from sickbay.render.plain import columns
from sickbay.toolsets.logs.render import clusters_markdown, clusters_text
from tests.toolsets.logs.render.reports import GREEN, NO_TESTS, RED, failed

if TYPE_CHECKING:
    from sickbay.logs.report import Report

ALL_READ = Coverage(3, 3)


def job(name: str, message: str = "driver initialization failed") -> Report:
    """A job in which seven tests fail of one thing."""
    tests = tuple(
        failed(
            n, exception="RuntimeError", message=message, signature=f"{hash(message):x}"
        )
        for n in range(7)
    )
    return replace(RED, source=name, tests=replace(NO_TESTS, failed=tests))


def test_page_says_how_many_tests_and_jobs_each_cause_has() -> None:
    clusters = cluster([job("a.log"), job("b.log"), GREEN])
    page = clusters_text(clusters, ALL_READ, width=80).splitlines()
    assert page[0] == "1 cause in 3 logs"
    assert page[2] == "1. 1 cause x 7 tests x 2 jobs (code)"
    assert page[3] == "   RuntimeError: driver initialization failed"
    assert page[4] == "   see line 100 of a.log"
    assert page[5] == "   in a.log, b.log"
    assert page[-1] == "     and 2 more"


def test_pages_show_a_real_message_rather_than_the_masked_one() -> None:
    clusters = cluster([job("a.log", "no answer from 10.0.0.7 in 12.1s")])
    for page in (
        clusters_text(clusters, ALL_READ),
        clusters_markdown(clusters, ALL_READ),
    ):
        assert "RuntimeError: no answer from 10.0.0.7 in 12.1s" in page
        assert "<IP>" not in page


def test_green_logs_have_no_cause() -> None:
    page = clusters_text(cluster([GREEN]), Coverage(1, 1))
    assert page == "No failure found in 1 log.\n"


def test_what_could_not_be_read_is_named_with_the_reason() -> None:
    coverage = Coverage(1, 2, (Skipped("core.bin", "it is not text"),))
    assert "Not read: core.bin (it is not text)." in clusters_text((), coverage)
    assert "core.bin \\(it is not text\\)" in clusters_markdown((), coverage)


def test_many_causes_stay_one_page() -> None:
    clusters = cluster([job(f"{n}.log", chr(97 + n) * 9) for n in range(25)])
    assert len(clusters) > 20
    page = clusters_text(clusters, ALL_READ)
    assert f"And {len(clusters) - 20} smaller causes;" in page


@given(st.text(), st.integers(0, 140))
def test_pages_are_printable_whatever_the_logs_say(words: str, width: int) -> None:
    nasty = f"\x1b[2J\x07{words}"
    clusters = cluster([job(nasty, nasty), job("b.log", nasty)])
    coverage = Coverage(1, 2, (Skipped(nasty, nasty),))
    page = clusters_text(clusters, coverage, width=width)
    room = min(max(width, 40), 120)
    assert all(columns(row) <= room or "::" in row for row in page.split("\n"))
    for shown in (page, clusters_markdown(clusters, coverage)):
        assert not any(c < " " or "\x7f" <= c < "\xa0" for c in shown.replace("\n", ""))
