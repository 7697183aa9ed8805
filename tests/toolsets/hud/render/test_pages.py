from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from sickbay.ci.explanations import JobCause
from sickbay.core.results import Coverage, Skipped
from sickbay.render.page import Drawing, text
from sickbay.render.plain import Paint
from sickbay.toolsets.hud.models.jobs import (
    ArtifactRow,
    Attempt,
    ExplainedJob,
    HudSays,
    JobExplanations,
    JobFacts,
    JobLog,
    JobReport,
    JobUsage,
    StoredFailure,
    StoredLine,
)
from sickbay.toolsets.hud.models.trunk import (
    CauseRow,
    CommitName,
    CommitRow,
    Commits,
    JobRow,
    TrunkStatus,
)
from sickbay.toolsets.hud.render.commit import commit_page
from sickbay.toolsets.hud.render.job import job_page
from sickbay.toolsets.hud.render.query import queries_page, rows_page
from sickbay.toolsets.hud.render.trunk import trunk_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sickbay.render.page import Part

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NO_GRID = Drawing("", "")


def told(result: object) -> dict[str, Any]:
    """A result as a command gets it."""
    document: dict[str, Any] = TypeAdapter(type(result)).dump_python(
        result, mode="json"
    )
    return document


def page(parts: Iterable[Part]) -> str:
    return text(parts, paint=Paint(colour=False), width=100)


def commit(at: int) -> CommitName:
    return CommitName(sha=f"{at}" * 40, title=f"Change {at}", author="ada", time=NOON)


def cause(**more: Any) -> CauseRow:  # noqa: ANN401 - fields of the row
    known = {
        "line": "error: no bed",
        "verdict": "ongoing",
        "category": "code",
        "why": "failed on 3 of 3 commits",
        "blocking": True,
        "jobs": ("pull / a", "pull / b"),
        "job_count": 2,
        "job_id": 7,
        "first_bad": commit(1),
        "last_bad_sha": "0" * 40,
    }
    return CauseRow(**{**known, **more})


def trunk(**more: Any) -> str:  # noqa: ANN401 - fields of the result
    status = TrunkStatus(health="red", reason="so it is", newest=commit(0), **more)
    return page(trunk_page(told(status), "main of a/b", NO_GRID))


def test_a_green_trunk_says_so_and_points_at_the_newest_commit() -> None:
    status = TrunkStatus(health="green", reason="no failure goes on", newest=commit(0))
    shown = page(trunk_page(told(status), "main of a/b", NO_GRID))
    assert shown.startswith("GREEN main of a/b: no failure goes on\n")
    assert shown.endswith("Next: sickbay hud commit 0000000000\n")


def test_a_trunk_without_commits_has_no_next_step() -> None:
    status = TrunkStatus(reason="there are no commits")
    shown = page(trunk_page(told(status), "main of a/b", NO_GRID))
    assert shown.startswith("UNKNOWN main of a/b: there are no commits\n")
    assert "Next" not in shown


def test_what_may_be_older_is_said_to_be_at_least_so_old() -> None:
    shown = trunk(since=commit(1), lasts_s=7_200.0, clipped=True, causes=(cause(),))
    assert "For at least 2 h, since 1111111111 Change 1 by ada" in shown
    assert "ask for more with --commits" in shown
    assert "Since 1111111111" in trunk(since=commit(1), causes=(cause(),))


def test_suspects_are_named_and_those_left_out_are_counted() -> None:
    row = cause(suspects=(commit(2), commit(1)), suspect_count=5)
    shown = trunk(causes=(row,))
    assert "Brought by one of 5 commits:" in shown
    assert "    2222222222 Change 2 by ada" in shown
    assert "and 3 newer" in shown


def test_nobody_is_named_for_what_is_older_than_what_was_looked_at() -> None:
    shown = trunk(causes=(cause(clipped=True),))
    assert "Since: at least 1111111111 Change 1" in shown
    assert "Brought by a commit that was not looked at" in shown
    outage = trunk(causes=(cause(clipped=True, category="infrastructure"),))
    assert "Brought by" not in outage


def test_a_revert_that_is_not_tested_yet_is_told() -> None:
    row = cause(culprit=commit(1), culprit_why="it was reverted", fix=commit(0))
    shown = trunk(causes=(replace(row, fix_why="it reverts the culprit"),))
    assert "Brought by: 1111111111 Change 1" in shown
    assert "Fix: 0000000000 Change 0 by ada, 2026-11-20 12:00 UTC (it reverts" in shown
    assert shown.count("1111111111") == 1


def test_a_cause_of_many_jobs_that_block_nothing_is_cut_and_said_so() -> None:
    row = cause(blocking=False, job_count=9, tests=("t::a",), test_count=4, line="")
    shown = trunk(causes=(row,))
    assert "1. ongoing, code, 9 jobs, blocks nothing" in shown
    assert "Jobs: pull / a; pull / b; and 7 more" in shown
    assert "Tests: t::a; and 3 more" in shown
    assert "no line is known" in shown


def test_what_is_over_and_what_is_flaky_is_counted_past_a_few() -> None:
    fixed = [cause(verdict="fixed", fix=commit(0), line=f"f{n}") for n in range(7)]
    flaky = [cause(verdict="flaky", line="", blocking=False) for _ in range(6)]
    shown = trunk(causes=(*fixed, *flaky))
    assert "7 fixed\n" in shown
    assert shown.count("    fixed by 0000000000 Change 0 by ada") == 5
    assert "and 2 more; --format json lists them all" in shown
    assert "6 flaky\n" in shown
    assert shown.count("; blocks nothing") == 5
    assert "  pull / a\n" in shown
    assert "Next: sickbay hud commit" in shown


def commit_shown(row: CommitRow, *jobs: JobRow) -> str:
    document = told(Commits(jobs=jobs, coverage=Coverage(1, None)))
    summary = told(Commits(commits=(row,)))
    return page(commit_page({**document, "commits": summary["commits"]}))


ROW = CommitRow(sha="a" * 40, title="T", status="red", counts={"total": 9, "fail": 8})


def test_a_forced_merge_stands_with_its_commit() -> None:
    shown = commit_shown(replace(ROW, marks=("forced", "autoreverted")))
    assert "merged without waiting for its checks" in shown
    assert "reverted by a bot" in shown
    assert "Nothing failed." in shown


def test_failures_with_one_line_are_one_and_the_most_come_first() -> None:
    def job(n: int, *lines: str) -> JobRow:
        return JobRow(sha="a" * 40, job=f"job {n}", state="fail", job_id=n, lines=lines)

    shown = commit_shown(
        ROW, job(90), *(job(n, "error: it") for n in range(8)), job(91, "other")
    )
    assert "10 jobs failed" in shown
    assert shown.index("error: it") < shown.index("other")
    assert "and 2 more jobs" in shown
    assert "no line is known" in shown
    assert shown.count("error: it") == 1


FACTS = JobFacts(job_id=7, name="pull / a", state="fail", sha="a" * 40, branch="main")


def test_a_job_has_all_its_attempts_and_what_it_left_behind() -> None:
    report = JobReport(
        job=replace(
            FACTS,
            started_at=NOON,
            duration_s=90.0,
            queue_s=5.0,
            runner="r1",
            url="https://x/7",
        ),
        failure=StoredFailure(lines=(StoredLine(text="error: it", line_number=3),)),
        attempts=(
            Attempt(job_id=7, state="fail", duration_s=90.0),
            Attempt(job_id=6, state="timed_out"),
        ),
        log=JobLog(handle="hud:7", running=True, why="it still runs"),
        usage=JobUsage(percent={"cpu_avg": 20.0, "cpu_max": 90.4, "gpu_avg": 1.0}),
        artifacts=tuple(ArtifactRow(name=f"a{n}", bytes=1_500) for n in range(12)),
        coverage=Coverage(1, 1, (Skipped("artifacts of run 5", "500"),)),
    )
    shown = page(job_page(told(report), None))
    assert shown.startswith("FAIL pull / a\n  Commit aaaaaaaaaa on main\n")
    for words in (
        "began 2026-11-20 12:00 UTC, took 1 min 30 s, waited 5 s",
        "Machine: r1",
        "https://x/7",
        "  3: error: it",
        "2 attempts",
        "7: fail, took 1 min 30 s",
        "6: timed out",
        "Log: hud:7, still growing (it still runs)",
        "cpu 20 %, at most 90 %; gpu 1 %",
        "12 artifacts",
        "  a0 1.5 kB",
        "and 2 more",
        "Not looked at: artifacts of run 5 (500)",
        "Next: sickbay hud job 7 --explain",
    ):
        assert words in shown


def test_a_job_of_which_little_is_known_says_what_is_not() -> None:
    report = JobReport(job=JobFacts(job_id=7), usage=JobUsage(why="nobody measured it"))
    shown = page(job_page(told(report), None))
    assert shown.startswith("UNKNOWN job 7\n")
    assert "nobody measured it" in shown
    assert "Next" not in shown


def test_an_explanation_has_the_lines_the_tests_and_whether_the_hud_agrees() -> None:
    explained = JobExplanations(
        explained=(
            ExplainedJob(
                job_id=7,
                log="hud:7",
                category="code",
                confidence=0.9,
                reason="a test fails",
                causes=(
                    JobCause(line_start=3, line_end=4, text="one\ntwo", score=0.8),
                ),
                failed_tests=("t::a",),
                failed=3,
                hud=HudSays(line="other", agrees=False),
            ),
        )
    )
    shown = page(job_page(told(JobReport(job=FACTS)), told(explained)))
    assert "Why: code (90 % sure)" in shown
    assert "  line 3, 80 %\n    one\n    two\n" in shown
    assert "3 failed tests" in shown
    assert "and 2 more" in shown
    assert "The HUD points elsewhere." in shown
    assert "Next: sickbay hud commit aaaaaaaaaa" in shown


def test_a_long_table_is_cut_and_said_so() -> None:
    document = {
        "rows": [[n, None] for n in range(250)],
        "columns": ["n", "x"],
        "notes": ["half of it is wrong"],
        "coverage": {"examined": 250, "total": 250, "skipped": []},
    }
    shown = page(rows_page(document))
    assert "199  -" in shown
    assert "\n200 " not in shown
    assert "and 50 more rows" in shown
    assert "250 rows." in shown
    assert "half of it is wrong" in shown


def test_a_broken_query_says_so_in_the_list() -> None:
    queries = [
        {"name": "a/b", "group": "trunk", "purpose": "counts", "broken": "old dialect"}
    ]
    assert "broken: old dialect" in page(queries_page({"queries": queries}))
    assert "No query is like that." in page(queries_page({"queries": []}))
