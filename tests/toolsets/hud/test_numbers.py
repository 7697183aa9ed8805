from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from tests.clients.site import served
from tests.simulators.hud import hud_at
from tests.toolsets.hud.stand import Stand, shared

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulators.hud import Hud

RED = {"granularity": "day", "timezone": "UTC", "usePercentage": False}
PASSWORD = "canary-90c1-database"  # noqa: S105 - made up


def sent(hud: Hud) -> list[tuple[str, dict[str, object]]]:
    """Named queries that came in, with their parameters."""
    found = []
    for asked in hud.asked:
        if asked.path.startswith("/api/clickhouse/"):
            name = unquote(asked.path.removeprefix("/api/clickhouse/"))
            found.append((name, json.loads(asked.query["parameters"])))
    return found


def test_all_queries_are_listed_page_by_page(stand: Stand) -> None:
    whole = stand.whole("hud_queries", "queries")
    names = [row["name"] for row in whole["queries"]]
    assert len(names) == len(set(names)) == 192
    assert sum(whole["groups"].values()) == 192
    assert sum(row["broken"] is not None for row in whole["queries"]) == 5


def test_a_query_is_found_by_words_of_what_it_gives(stand: Stand) -> None:
    told = stand.ask("hud_queries", search="flake_rate label")
    assert [row["name"] for row in told["queries"]] == ["flaky_trunk_runner_labels"]
    told = stand.ask("hud_queries", group="disabled")
    assert {row["group"] for row in told["queries"]} == {"disabled"}


def test_one_query_is_told_with_an_example_that_works(stand: Stand) -> None:
    told = stand.ask("hud_queries", name="master_commit_red")
    query = told["query"]
    kinds = {one["name"]: one["type"] for one in query["parameters"]}
    assert kinds["usePercentage"] == "Bool"
    assert query["columns"][0] == "granularity_bucket"
    answer = stand.ask("hud_query", **query["example"])
    assert answer["outcome"] == "ok"
    assert tuple(answer["columns"]) == tuple(query["columns"])


def test_predecessor_bug_8_names_with_a_slash_reach_the_hud(tmp_path: Path) -> None:
    with hud_at() as hud:
        told = Stand(tmp_path, hud).ask(
            "hud_query",
            name="flaky_tests/in_subprocess",
            parameters={"numHours": 72, "name": "%", "suite": "%", "file": "%"},
        )
        assert told["outcome"] == "ok"
        assert [name for name, _ in sent(hud)] == ["flaky_tests/in_subprocess"]
        assert any(
            path.endswith("/flaky_tests%2Fin_subprocess") for path in hud.paths()
        )


def test_predecessor_bug_9_parameters_are_sent_even_where_there_are_none(
    tmp_path: Path,
) -> None:
    with hud_at() as hud:
        told = Stand(tmp_path, hud).ask("hud_query", name="queued_jobs")
        assert told["outcome"] == "ok"
        assert sent(hud) == [("queued_jobs", {})]


def test_what_a_query_does_not_take_never_leaves(tmp_path: Path) -> None:
    with hud_at() as hud:
        stand = Stand(tmp_path, hud)
        told = stand.ask("hud_query", name="reverts", parameters={"repo": "a/b"})
        assert told["error"]["kind"] == "bad_request"
        assert "startTime (DateTime64(3))" in told["error"]["hint"]
        told = stand.ask("hud_query", name="runner_utilization")
        assert told["error"]["kind"] == "unsupported"
        assert sent(hud) == []


def test_the_pages_of_a_table_come_from_one_answer(tmp_path: Path) -> None:
    now = shared().world.now
    with hud_at() as hud:
        stand = Stand(tmp_path, hud)
        whole = stand.whole(
            "hud_query",
            "rows",
            name="failed_workflow_jobs",
            parameters={"branch": "main"},
            time_range=f"{(now - timedelta(days=2)).isoformat()}:{now.isoformat()}",
        )
        asked = sent(hud)
    assert len(whole["rows"]) == whole["row_count"] > 20
    assert all(len(row) == len(whole["columns"]) for row in whole["rows"])
    assert len(asked) == 1
    assert asked[0][1] == whole["sent"]
    assert whole["sent"]["repo"] == "pytorch/pytorch"


def test_a_range_up_to_now_ends_with_the_minute_so_that_answers_are_kept(
    tmp_path: Path,
) -> None:
    with hud_at() as hud:
        told = Stand(tmp_path, hud).ask("hud_query", name="reverts")
        assert sent(hud) == [("reverts", told["sent"])]
    assert told["sent"]["stopTime"].endswith(":00.000")


def test_a_job_that_has_not_ended_ended_never_and_not_in_1970(stand: Stand) -> None:
    run = next(
        run for run in shared().world.runs() if run.completed is None and run.order > 50
    )
    whole = stand.whole(
        "hud_query",
        "rows",
        name="commit_jobs_batch_query",
        parameters={"shas": [shared().world.commit(run.order).sha]},
    )
    ended = whole["columns"].index("completed_at")
    job = whole["columns"].index("id")
    rows = {row[job]: row for row in whole["rows"]}
    assert rows[run.job_id][ended] is None
    assert any(row[ended] for row in whole["rows"])


def test_sql_needs_a_database_of_ones_own(stand: Stand) -> None:
    told = stand.ask("hud_query", sql="SELECT 1")
    assert told["error"]["kind"] == "unsupported"
    assert "SICKBAY_HUD__CLICKHOUSE_URL" in told["error"]["hint"]
    assert stand.ask("hud_query", sql="SELECT 1", name="reverts")["outcome"] == "error"


def test_sql_is_asked_of_the_configured_database_and_only_if_it_reads(
    tmp_path: Path,
) -> None:
    answer = {
        "meta": [{"name": "n", "type": "UInt8"}, {"name": "at", "type": "DateTime"}],
        "data": [[1, "2026-03-01T00:00:00Z"], [2, "1970-01-01T00:00:00Z"]],
    }
    with served() as site:
        site.says("/", json.dumps(answer).encode())
        stand = Stand(tmp_path)
        stand.settings["hud"] |= {
            "clickhouse_url": f"http://127.0.0.1:{site.port}",
            "clickhouse_user": "reader",
            "clickhouse_password": PASSWORD,
        }
        told, refused = stand.ask_all(
            ("hud_query", {"sql": "SELECT {n: UInt8}", "parameters": {"n": "1"}}),
            ("hud_query", {"sql": "DROP TABLE t"}),
        )
        assert len(site.asked) == 1
    assert told["columns"] == ["n", "at"]
    assert told["rows"] == [[1, "2026-03-01T00:00:00Z"], [2, None]]
    assert told["sent"] == {"n": 1}
    assert refused["error"]["kind"] == "denied"
    assert PASSWORD not in json.dumps([told, refused])


def test_the_share_of_red_commits_is_that_of_the_days(stand: Stand) -> None:
    told = stand.ask("hud_metrics", metric="trunk_red")
    columns = {name: place for place, name in enumerate(told["columns"])}
    assert told["totals"]["commits"] == shared().world.count
    for name in ("red", "flaky", "pending", "green"):
        days = sum(row[columns[name]] for row in told["rows"])
        assert told["totals"][name] == days
    days = [row[0] for row in told["rows"]]
    assert days == sorted(days, reverse=True)


def test_hours_become_days_and_it_is_said(tmp_path: Path) -> None:
    with hud_at() as hud:
        told = Stand(tmp_path, hud).ask("hud_metrics", granularity="hour")
        ((name, parameters),) = sent(hud)
    assert (name, parameters["granularity"]) == ("master_commit_red", "day")
    assert any("shorter than a day" in note for note in told["notes"])


def test_predecessor_bug_10_a_week_is_a_week_of_utc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    with hud_at() as hud:
        Stand(tmp_path, hud).ask(
            "hud_metrics", time_range="2026-03-01T00:00:00Z:2026-03-08T01:00:00+01:00"
        )
        ((_, parameters),) = sent(hud)
    assert parameters["startTime"] == "2026-03-01T00:00:00.000"
    assert parameters["stopTime"] == "2026-03-08T00:00:00.000"


def test_reverts_are_those_of_the_stories(stand: Stand) -> None:
    world = shared().world
    reverted = [one for one in world.landed if one.title.startswith("Revert ")]
    told = stand.ask("hud_metrics", metric="reverts")
    assert told["totals"]["reverts"] == len(reverted) > 0
    assert told["totals"]["commits"] == world.count
    assert {row[1] for row in told["rows"]} == {"autorevert", "nosignal"}


def test_usage_of_one_run_is_of_its_jobs(stand: Stand) -> None:
    world = shared().world
    run = next(r for r in world.runs() if r.kind.role == "test" and r.completed)
    told = stand.whole(
        "hud_metrics", "rows", metric="resource_usage", run_id=run.run_id
    )
    ids = {one.job_id for one in world.workflow_runs(run.run_id)}
    jobs = [row[told["columns"].index("job_id")] for row in told["rows"]]
    assert jobs
    assert set(jobs) <= ids
    assert told["totals"]["jobs"] == len(jobs)


def test_one_query_that_fails_is_named_and_the_others_tell(tmp_path: Path) -> None:
    with hud_at(share=1.0, kinds=("html",), only="num_reverts") as hud:
        told = Stand(tmp_path, hud).ask("hud_metrics", metric="reverts")
    assert told["outcome"] == "partial"
    assert told["totals"]["reverts"] > 0
    assert [item["what"] for item in told["coverage"]["skipped"]] == ["classes"]


def test_an_outage_is_an_error_and_no_zero(tmp_path: Path) -> None:
    metrics = ("trunk_red", "queued_jobs", "time_to_signal", "reverts")
    with hud_at(share=1.0, kinds=("html",)) as hud:
        calls = [("hud_metrics", {"metric": metric}) for metric in metrics]
        answers = Stand(tmp_path, hud).ask_all(*calls)
    for told in answers:
        assert told["error"]["kind"] == "malformed"
        assert told["totals"] == {}


def test_every_metric_has_a_sentence_totals_and_a_table(stand: Stand) -> None:
    names = ("trunk_red", "queued_jobs", "queue_times", "time_to_signal", "reverts")
    calls = [("hud_metrics", {"metric": name}) for name in (*names, "resource_usage")]
    for told in stand.ask_all(*calls):
        assert told["outcome"] == "ok", told["metric"]
        assert told["summary"]
        assert any(told["totals"].values())
        assert all(len(row) == len(told["columns"]) for row in told["rows"])
        assert told["rows"]


def test_the_longest_wait_is_the_first_row(stand: Stand) -> None:
    told = stand.ask("hud_metrics", metric="queued_jobs")
    waits = [row[0] for row in told["rows"]]
    assert waits == sorted(waits, reverse=True)
    assert told["totals"]["longest_s"] == waits[0]
    assert sum(part["count"] for part in told["top"]) == told["totals"]["jobs"]


@pytest.mark.parametrize("run_id", ["abc", "-1"])
def test_what_is_no_run_is_refused(stand: Stand, run_id: str) -> None:
    told = stand.ask("hud_metrics", metric="resource_usage", run_id=run_id)
    assert told["error"]["kind"] == "bad_request"


def test_a_query_that_lost_a_column_is_malformed(tmp_path: Path) -> None:
    with served() as site:
        site.says("/api/clickhouse/master_commit_red", b'[{"red": 1, "total": 2}]')
        stand = Stand(tmp_path)
        stand.settings["hud"] |= {"url": f"http://127.0.0.1:{site.port}"}
        told = stand.ask("hud_metrics")
    assert told["error"]["kind"] == "malformed"
    assert "granularity_bucket" in told["error"]["message"]


def test_what_would_narrow_another_metric_is_refused(stand: Stand) -> None:
    told = stand.ask("hud_metrics", metric="trunk_red", name="pull")
    assert told["error"]["kind"] == "bad_request"
    assert "queued_jobs" in told["error"]["hint"]
