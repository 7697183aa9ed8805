"""Reports on scans made by hand: shapes, sizes, and what strangers write."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import pytest

from sickbay.render.page import text
from sickbay.render.plain import Paint, columns
from sickbay.toolsets.buildkite.models.scan import Format, JobCounts, ScanReport
from sickbay.toolsets.buildkite.render.issue import issue_of
from sickbay.toolsets.buildkite.render.report import report
from sickbay.toolsets.buildkite.render.scan import scan_page
from tests.toolsets.buildkite.scans import (
    FP8,
    URL,
    build,
    cause,
    failing,
    hostile,
    job,
    many,
    sample,
    scan_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMS: tuple[Format, ...] = get_args(Format)
WIDTH, HEIGHT = 100, 45
"""A screen."""

WICKED = (
    "x](http://evil.example) @everyone <!channel> <b>b</b> ``` | # h\n## h\n- [ ] a"
    "\x1b[31m\u202e www.evil.example <https://evil.example|y> ![i](http://e.example/i)"
)


def page(scan: ScanReport) -> str:
    return text(scan_page(scan), paint=Paint(colour=False), width=WIDTH)


def visible(markdown: str) -> str:
    """The markdown without code and escaped signs: what is left of it acts."""
    bare = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown, flags=re.DOTALL)
    return re.sub(r"\\.", "", bare)


def test_daily_findings_have_the_shape_that_people_know() -> None:
    rows = report(sample(), "daily_findings").splitlines()
    assert rows[0] == "# Daily Findings - 2026-02-03"
    assert [row for row in rows if row.startswith("## ")] == [
        "## Summary",
        "## Failures by Category",
        "## Passed on Retry (1)",
        "## Not Looked At",
    ]
    assert rows[4:9] == [
        f"- **Build**: [70211]({URL})",
        "- **Branch**: main",
        "- **Commit**: `9f3c1d7e`",
        "- **Total Jobs**: 198, **Failed**: 9",
        "- **Unique Failures**: 3",
    ]
    assert [row for row in rows if row.startswith("### ")] == [
        "### NEW_REGRESSION (1 failures)",
        "### INFRA_SUSPECTED (1 failures)",
        "### KNOWN_TRACKED (1 failures)",
    ]


def test_a_failure_says_error_reason_confidence_and_owner_before_all_else() -> None:
    rows = report(sample(), "daily_findings").splitlines()
    at = rows.index(f"- **{FP8}** in `Kernels Test`")
    seen = (
        f"[Kernels Test]({job(1).url}) line 101",
        f"[Kernels Test (H100)]({job(2).url}) line 102",
    )
    assert rows[at + 1 : at + 7] == [
        "  - Error: `assert 240 == 448`",
        "  - Reason: it passed in the 9 builds before",
        "  - Confidence: 86%",
        "  - Owner: `@acme/kernels` (confidence: 90%)",
        f"  - Seen: 2 tests in 2 jobs: {', '.join(seen)}",
        f"  - Since: [build 70208]({URL[:-3]}208)",
    ]


def test_an_error_message_is_never_missing_where_the_test_has_one() -> None:
    said = report(sample(), "daily_findings")
    assert "Error: `assert 240 == 448`" in said
    assert "RuntimeError: CUDA driver initialization failed" in said


def test_the_stand_up_line_says_it_all() -> None:
    rows = report(sample(), "standup").splitlines()
    assert rows[0] == (
        f"Nightly build [70211]({URL}) FAILED with 3 unique failures: "
        "1 NEW_REGRESSION, 1 INFRA_SUSPECTED, 1 KNOWN_TRACKED. "
        "Key NEW_REGRESSION tests: test_saturates[e4m3-1]"
    )
    assert 1 <= len(rows) <= 3


@pytest.mark.parametrize(
    ("state", "line"),
    [("passed", "PASSED with 0 unique failures."), ("running", "RUNNING with 0")],
)
def test_a_build_without_failures_is_one_line(state: str, line: str) -> None:
    info = build(state=state)
    rows = report(scan_of(build_info=info), "standup").splitlines()
    assert rows == [row for row in rows if line in row]


def test_a_build_that_still_runs_is_said_to() -> None:
    running = replace(
        sample(),
        build_info=build(state="failing", finished=False, finished_at=None),
        jobs=JobCounts(total=198, failed=9, hard=9, unfinished=40),
    )
    assert "still runs" in report(running, "daily_findings")
    assert "the build still runs" in report(running, "standup")
    assert "40 unfinished" in report(running, "standup")
    assert "still runs" in page(running)


def test_only_a_nightly_is_called_one() -> None:
    other = scan_of(build_info=build(nightly=False, title="Fix it"))
    assert report(other, "standup").startswith(f"Build [70211]({URL}) ")


@pytest.mark.parametrize("form", FORMS)
def test_soft_failures_and_retries_are_told_apart(form: Format) -> None:
    if form != "standup":
        said = report(sample(), form)
        assert re.search(r"soft", said)
        assert re.search(r"passed on retry", said, re.IGNORECASE)


@pytest.mark.parametrize("form", FORMS)
def test_what_could_not_be_done_is_in_every_report(form: Format) -> None:
    said = report(sample(), form)
    assert re.search(r"not looked at", said, re.IGNORECASE)


def test_the_page_fits_on_a_screen() -> None:
    rows = page(sample()).splitlines()
    assert len(rows) <= HEIGHT
    assert all(columns(row) <= WIDTH for row in rows)


@pytest.mark.parametrize("form", FORMS)
def test_many_failures_are_folded_with_their_counts(form: Format) -> None:
    said = report(many(30), form)
    assert len(said) < 40_000
    if form != "standup":
        assert re.search(r"and [0-9]+ more", said)


def test_every_cause_that_is_shown_has_the_link_of_a_job() -> None:
    scan = many(8)
    for cause_row in scan.causes:
        assert f"({cause_row.jobs[0].url})" in report(scan, "daily_findings")


def test_the_numbers_of_a_report_are_those_of_its_links() -> None:
    scan = sample()
    links = set(re.findall(r"\((https://buildkite[^)]*#[^)]*)\)", _failures(scan)))
    assert links <= {str(row.url) for found in scan.causes for row in found.jobs}
    assert len(links) == 2 + 4 + 1  # of six alike, four are named
    assert "2 more" in _failures(scan)


def _failures(scan: ScanReport) -> str:
    said = report(scan, "daily_findings")
    return said[said.index("## Failures") : said.index("## Passed on Retry")]


@pytest.mark.parametrize("form", [*FORMS, "issue"])
def test_what_strangers_write_does_nothing(form: Format | str) -> None:
    scan = hostile(WICKED)
    said = "\n".join(_texts(scan, form))
    acting = said if form == "slack" else visible(said)
    for sign in ("\x1b", "\u202e", "@everyone", "<!", "<b>", "<https://evil"):
        assert sign not in acting, sign
    assert form == "slack" or "](http:" not in acting
    assert "www.evil" not in acting
    assert "://evil" not in acting
    assert not [row for row in acting.splitlines() if re.match(r"\s*#+ h\b", row)]


def _texts(scan: ScanReport, form: str) -> Iterator[str]:
    if form == "issue":
        yield issue_of(scan.causes[0], scan)[1]
    else:
        yield next(report(scan, known) for known in FORMS if known == form)


def test_an_issue_has_the_form_of_those_that_there_are() -> None:
    scan = sample()
    title, body = issue_of(scan.causes[0], scan)
    assert title == f"[CI Failure]: Kernels Test - {FP8}"
    headings = [row for row in body.splitlines() if row.startswith("### ")]
    assert headings == [
        "### What fails",
        "### 2 tests",
        "### Logs",
        "### Since when",
        "### Evidence",
        "### Who could look at it",
    ]
    assert "assert 240 == 448" in body
    assert f"[Kernels Test]({job(1).url}): line 101, exit status 1" in body
    assert "since build [70208]" in body
    assert "signature `9f3c1d7e0b5a4c2d`" in body


def test_the_title_of_an_issue_fits_and_mentions_nobody() -> None:
    one = job(1, "Kernels @team")
    scan = scan_of(cause(failing("t.py::test[" + "x" * 400 + "]", one), jobs=(one,)))
    title, _ = issue_of(scan.causes[0], scan)
    assert columns(title) <= 250
    assert "@team" not in title


def test_one_cause_as_markdown_is_an_issue() -> None:
    scan = sample()
    said = report(scan, "markdown", scan.causes[0])
    title, body = issue_of(scan.causes[0], scan)
    assert said == f"{title}\n\n{body}"
