"""Every endpoint: what is asked for, and what is made of the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import pytest

from tests.clients.hud.desk import asked
from tests.simulators.hud import hud_at

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sickbay.clients.hud import AsyncHudClient
    from tests.clients.site import Site

    Work = Callable[[AsyncHudClient], Awaitable[Any]]

A, B = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, 12, tzinfo=UTC)
JOB = {
    "id": 7,
    "name": "pull / lint",
    "sha": "c",
    "conclusion": "failure",
    "time": "2026-03-01T10:00:00.123456789Z",
    "failureLines": ["boom"],
    "failureCaptures": [None, "b"],
    "unheardOf": [1],
}


@dataclass(frozen=True)
class Case:
    """A call, what HUD has to be asked for it, and what it gives for an answer."""

    work: Work
    path: str
    query: dict[str, str]
    answer: Any
    gives: Callable[[Any], bool]


CASES = {
    "pull": Case(
        lambda c: c.pull(5),
        "/api/pytorch/pytorch/pull/5",
        {},
        {"title": "t", "body": None, "shas": [{"sha": "a", "title": "one"}, 7]},
        lambda got: (
            (got.number, got.title, got.body, got.shas[0].sha, len(got.shas))
            == (5, "t", "", "a", 1)
        ),
    ),
    "advisor_runs": Case(
        lambda c: c.advisor_runs(5),
        "/api/pytorch/pytorch/pull/advisor-runs",
        {"prNumber": "5"},
        [{"verdict": "revert", "confidence": 0.9, "timestamp": ""}],
        lambda got: (
            (got[0].verdict, got[0].confidence, got[0].timestamp)
            == ("revert", 0.9, None)
        ),
    ),
    "corresponding_runs": Case(
        lambda c: c.corresponding_runs("abc", 9),
        "/api/corresponding_workflow_id",
        {"sha": "abc", "workflowId": "9"},
        [{"id": 4}, {"id": "5"}, {}],
        lambda got: got == (4, 5),
    ),
    "query": Case(
        lambda c: c.query("flaky_tests/ind_info", {"name": "x", "startTime": A}),
        "/api/clickhouse/flaky_tests%2Find_info",
        {"parameters": '{"name":"x","startTime":"2026-03-01T00:00:00.000"}'},
        [{"n": 2**60}],
        lambda got: got == [{"n": 2**60}],
    ),
    "search": Case(
        lambda c: c.search("boom & co", start=A, end=B, workflow="pull"),
        "/api/search",
        {
            "failure": "boom & co",
            "startDate": "2026-03-01T00:00:00.000Z",
            "endDate": "2026-03-08T12:00:00.000Z",
            "workflowName": "pull",
            "branchName": "",
            "minScore": "1.0",
        },
        {"jobs": [JOB, 3]},
        lambda got: (
            [(j.name, j.state, j.captures) for j in got]
            == [("pull / lint", "fail", ("b",))]
        ),
    ),
    "failure_history": Case(
        lambda c: c.failure_history(name="pull / lint", captures=["a", '"b"']),
        "/api/failure",
        {"name": "pull / lint", "jobName": "", "failureCaptures": '["a","\\"b\\""]'},
        {
            "jobCount": {"pull / lint": 3, "x": "many"},
            "totalCount": 3,
            "samples": [JOB],
        },
        lambda got: (
            (dict(got.counts), got.total, len(got.samples))
            == ({"pull / lint": 3}, 3, 1)
        ),
    ),
    "failure_history fuzzy": Case(
        lambda c: c.failure_history(fuzzy=True),
        "/api/failure",
        {"name": "", "jobName": "", "failureCaptures": "[]", "useFuzzySearch": "true"},
        {},
        lambda got: (got.total, got.samples) == (0, ()),
    ),
    "flaky_tests": Case(
        lambda c: c.flaky_tests(name="test_x", page=2),
        "/api/flaky-tests/search",
        {"name": "test_x", "suite": "", "file": "", "per_page": "100", "page": "2"},
        {"count": "3", "tests": [{"name": "test_x", "classname": None}]},
        lambda got: (
            (got.count, got.tests[0].name, got.tests[0].classname) == (3, "test_x", "")
        ),
    ),
    "flaky_test_failures": Case(
        lambda c: c.flaky_test_failures(name="n", suite="s", file="f"),
        "/api/flaky-tests/failures",
        {"name": "n", "suite": "s", "file": "f", "limit": "100"},
        [{"jobName": "lint", "workflowName": "pull", "id": 1}],
        lambda got: got[0].name == "pull / lint",
    ),
    "test_status_changes": Case(
        lambda c: c.test_status_changes("a", "b", files=["f"], fuzzy=True),
        "/api/flaky-tests/statusChanges",
        {"sha1": "a", "sha2": "b", "files": '["f"]', "fuzzy": "true"},
        [{"name": "t", "prev_status": "success", "new_status": ""}],
        lambda got: (got[0].prev_status, got[0].new_status) == ("success", ""),
    ),
    "file_report": Case(
        lambda c: c.file_report(A, B),
        "/api/flaky-tests/fileReport",
        {"startDate": "1772323200", "endDate": "1772971200"},
        {"costs": [1]},
        lambda got: got == {"costs": [1]},
    ),
    "issues": Case(
        lambda c: c.issues("ci: sev"),
        "/api/issue/ci%3A%20sev",
        {},
        [{"number": 1, "title": "t", "labels": ["ci: sev"], "body": None}],
        lambda got: (
            (got[0].number, got[0].labels, got[0].body) == (1, ("ci: sev",), "")
        ),
    ),
    "failed_jobs": Case(
        lambda c: c.failed_jobs("main", start=A, end=B),
        "/api/job_annotation/pytorch/pytorch/failures/"
        '{"branch":"main","repo":"pytorch/pytorch",'
        '"startTime":"2026-03-01T00:00:00.000","stopTime":"2026-03-08T12:00:00.000"}',
        {},
        {"failedJobs": [JOB], "annotationsMap": {"7": {"annotation": "TEST_FLAKE"}}},
        lambda got: got[0].annotation == "TEST_FLAKE",
    ),
    "job_annotations": Case(
        lambda c: c.job_annotations([7, 8]),
        "/api/job_annotation/pytorch/pytorch/annotations/[7,8]",
        {},
        {"7": {"jobID": 7, "annotation": "BROKEN_TRUNK"}, "x": {}},
        lambda got: got == {7: "BROKEN_TRUNK"},
    ),
    "artifacts": Case(
        lambda c: c.artifacts(9),
        "/api/artifacts/s3/9",
        {},
        [{"name": "a.zip", "sizeInBytes": 5, "url": "u"}],
        lambda got: (got[0].name, got[0].size_in_bytes) == ("a.zip", 5),
    ),
    "benchmark_artifacts": Case(
        lambda c: c.benchmark_artifacts(days=7),
        "/api/artifacts",
        {"repository": "vllm-project/vllm", "lookbackDays": "7"},
        {"files": [{"key": "k", "modelName": "m"}]},
        lambda got: (got[0].key, got[0].model_name) == ("k", "m"),
    ),
    "utilization": Case(
        lambda c: c.utilization(9, repo="pytorch/pytorch"),
        "/api/list_utilization_metadata_info/9",
        {"repo": "pytorch/pytorch", "includes_stats": "true"},
        {
            "metadata_list": [
                {"job_id": "7", "stats": {"has_gpu": True, "cpu_max": 9.5}}
            ]
        },
        lambda got: (got[0].job_id, got[0].stats["cpu_max"]) == (7, 9.5),
    ),
    "job_utilization": Case(
        lambda c: c.job_utilization(9, 7, 1),
        "/api/job_utilization/9/7/1",
        {},
        {"metadata": {"gpu_count": 1}, "ts_list": [{"id": "cpu", "records": []}]},
        lambda got: (got.metadata["gpu_count"], len(got.ts_list)) == (1, 1),
    ),
    "utilization_reports": Case(
        lambda c: c.utilization_reports("job_name", start=A, end=B, parent="pull"),
        "/api/list_util_reports/job_name",
        {
            "repo": "pytorch/pytorch",
            "granularity": "day",
            "start_time": "2026-03-01",
            "end_time": "2026-03-08",
            "parent_group": "pull",
        },
        {"group_key": "job_name", "metadata_list": [{}]},
        lambda got: (got.group_key, len(got.metadata_list)) == ("job_name", 1),
    ),
    "runners": Case(
        lambda c: c.runners(),
        "/api/runners/pytorch",
        {},
        {"groups": [{"label": "l", "busyCount": 2, "runners": [{"id": 1}]}]},
        lambda got: (got.groups[0].busy_count, got.groups[0].runners[0].id) == (2, 1),
    ),
    "benchmark": Case(
        lambda c: c.benchmark("list_commits", name="x"),
        "/api/benchmark/list_commits",
        {"parameters": '{"name":"x"}'},
        {"data": []},
        lambda got: got == {"data": []},
    ),
    "benchmark groups": Case(
        lambda c: c.benchmark("group_data", repo="r"),
        "/api/benchmark/group_data",
        {"repo": "r"},
        [],
        lambda got: got == [],
    ),
    "crcr": Case(
        lambda c: c.crcr("commit-info", repo="r", shas="a,b"),
        "/api/crcr/commit-info",
        {"repo": "r", "shas": "a,b"},
        {},
        lambda got: got == {},
    ),
    "autorevert": Case(
        lambda c: c.autorevert("abc"),
        "/api/autorevert/pytorch/pytorch/abc",
        {},
        {"commit_sha": "abc", "workflows": ["pull"]},
        lambda got: got.workflows == ("pull",),
    ),
    "autorevert_state": Case(
        lambda c: c.autorevert_state(at=A, workflows=["pull"]),
        "/api/autorevert/state",
        {
            "ts": "2026-03-01T00:00:00.000Z",
            "workflows": '["pull"]',
            "repo": "pytorch/pytorch",
        },
        {"ts": "2026-03-01T00:00:00Z", "columns": [{"key": "k"}], "meta": None},
        lambda got: (got.ts, len(got.columns), got.meta) == (A, 1, {}),
    ),
    "autorevert_metrics": Case(
        lambda c: c.autorevert_metrics(start=A, end=B),
        "/api/autorevert/metrics",
        {
            "startTime": "2026-03-01T00:00:00.000Z",
            "stopTime": "2026-03-08T12:00:00.000Z",
            "workflowNames": "[]",
            "minRedCommits": "2",
            "minGreenCommits": "2",
        },
        {"summary": {"precision": 0.9}},
        lambda got: got.summary == {"precision": 0.9},
    ),
    "autorevert_false_positives": Case(
        lambda c: c.autorevert_false_positives(start=A, end=B),
        "/api/autorevert/false-positives",
        {
            "startTime": "2026-03-01T00:00:00.000Z",
            "stopTime": "2026-03-08T12:00:00.000Z",
        },
        {"legit_reverts": [{}]},
        lambda got: len(got.legit_reverts) == 1,
    ),
    "flaky_rules": Case(
        lambda c: c.flaky_rules(),
        "/stats/flaky-rules.json",
        {},
        [{"name": "linux.*", "captures": ["a"]}],
        lambda got: (got[0].name, got[0].captures) == ("linux.*", ("a",)),
    ),
    "disabled_tests": Case(
        lambda c: c.disabled_tests(),
        "/stats/disabled-tests-condensed.json",
        {},
        {"test_x (__main__.T)": ["12", "u", ["rocm"]], "odd": [], "worse": 3},
        lambda got: (
            [(t.name, t.issue, t.platforms) for t in got]
            == [("test_x (__main__.T)", "12", ("rocm",)), ("odd", "", ())]
        ),
    ),
    "disabled_jobs": Case(
        lambda c: c.disabled_jobs(),
        "/stats/disabled-jobs.json",
        {},
        {"pull / x": ["me", 12, "u", "pull", "x", None]},
        lambda got: (
            (got[0].author, got[0].issue, got[0].workflow, got[0].config)
            == ("me", "12", "pull", "")
        ),
    ),
    "unstable_jobs": Case(
        lambda c: c.unstable_jobs(),
        "/stats/unstable-jobs.json",
        {},
        {},
        lambda got: got == (),
    ),
    "stats_json": Case(
        lambda c: c.stats_json("test-times"),
        "/stats/test-times.json",
        {},
        {"default": {}},
        lambda got: got == {"default": {}},
    ),
    "search_json": Case(
        lambda c: c.search_json("x", start=A, end=B),
        "/api/search",
        {
            "failure": "x",
            "startDate": "2026-03-01T00:00:00.000Z",
            "endDate": "2026-03-08T12:00:00.000Z",
            "workflowName": "",
            "branchName": "",
            "minScore": "1.0",
        },
        {"jobs": [JOB]},
        lambda got: got["jobs"] == [JOB],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_endpoint_is_asked_as_hud_wants_and_read_as_it_answers(
    site: Site, case: Case
) -> None:
    def answer(handler: Any) -> None:  # noqa: ANN401 - the site's
        handler.say(json.dumps(case.answer).encode())

    class Any_(dict[str, Any]):  # noqa: N801 - a table that has every path
        def __missing__(self, _: str) -> Any:  # noqa: ANN401 - see above
            return answer

    site.answers = Any_()
    got = asked(site.port, case.work)
    [path] = site.paths
    where, _, query = path.partition("?")
    assert case.path in {where, unquote(where)}
    assert dict(parse_qsl(query, keep_blank_values=True)) == case.query
    assert case.gives(got), got


def test_every_method_that_asks_something_has_a_case() -> None:
    from sickbay.clients.hud import AsyncHudClient  # noqa: PLC0415 - to look at it

    elsewhere = {
        *("aclose", "page", "page_json", "trunk", "commit", "log", "log_place"),
        *("disabled_tests_and_jobs", "advisor_badge", "artifacts_json"),
    }
    methods = {name for name in dir(AsyncHudClient) if not name.startswith("_")}
    assert methods - elsewhere == {name.partition(" ")[0] for name in CASES}


def test_a_commit_that_was_not_reverted_has_no_revert(site: Site) -> None:
    site.says("/api/autorevert/pytorch/pytorch/abc", status=404)
    assert asked(site.port, lambda c: c.autorevert("abc")) is None


def test_a_badge_is_a_picture_and_no_web_page(site: Site) -> None:
    site.says("/api/drci/advisorBadge", b"<svg/>", Content_Type="image/svg+xml")
    assert asked(site.port, lambda c: c.advisor_badge("abc", "pull / x")) == "<svg/>"


def test_what_is_switched_off_comes_from_hud_for_its_bot_only(site: Site) -> None:
    for name in ("disabled-tests-condensed", "disabled-jobs", "unstable-jobs"):
        site.says(f"/stats/{name}.json", b"{}")
    body = b'{"disabledTests": {"test_x (T)": ["1", "u", []]}}'
    site.says("/api/flaky-tests/getDisabledTestsAndJobs", body)
    public = asked(site.port, lambda c: c.disabled_tests_and_jobs())
    assert (public.tests, len(site.asked)) == ((), 3)
    own = asked(site.port, lambda c: c.disabled_tests_and_jobs(), bot_token="s3cret")  # noqa: S106 - of a test
    assert [test.name for test in own.tests] == ["test_x (T)"]
    assert site.asked[-1][1]["Authorization"] == "s3cret"


def test_the_simulated_hud_answers_all_of_them_in_its_own_words() -> None:
    with hud_at() as hud:

        async def work(client: AsyncHudClient) -> None:
            page = await client.page(per_page=30)
            jobs = [job for row in page.rows for job in row.jobs.values()]
            failed = next(job for job in jobs if job.failed and job.captures)
            history = await client.failure_history(captures=failed.captures)
            assert history.total >= 1
            assert {job.captures for job in history.samples} == {failed.captures}
            assert await client.flaky_rules()
            assert await client.disabled_tests()
            assert isinstance(failed.run_id, int)
            assert isinstance(await client.artifacts(failed.run_id), tuple)
            assert (await client.runners()).groups
            found = await client.search(failed.lines[0], start=A, end=hud.world.now)
            assert any(job.lines == failed.lines for job in found)

        asked(hud.url, work)
