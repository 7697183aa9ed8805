"""The client for scripts and notebooks, and a script that uses it."""

from __future__ import annotations

import asyncio
import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

import sickbay
from sickbay.clients.hud import AsyncHudClient, HudClient, parse_time_range
from sickbay.core.errors import BadRequest, NotFound, SickbayError
from tests.simulators.hud import hud_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clients.site import Site
    from tests.simulators.hud import Hud

ROOT = Path(__file__).parents[3]

OLD = {
    "get_hud_data": (
        *("repo_owner", "repo_name", "branch_or_commit_sha"),
        *("per_page", "merge_lf", "page"),
    ),
    "query_clickhouse": ("query_name", "parameters"),
    "get_clickhouse_queries": ("use_cache",),
    "get_clickhouse_query_parameters": ("query_name",),
    "get_artifacts": ("provider", "job_id"),
    "get_s3_log_url": ("job_id",),
    "find_commits_with_similar_failures": (
        *("failure", "repo", "workflow_name", "branch_name"),
        *("start_date", "end_date", "min_score"),
    ),
    "search_logs": (
        *("failure", "repo", "workflow_name", "branch_name"),
        *("start_date", "end_date", "min_score"),
    ),
    "download_log": ("job_id",),
}


@pytest.fixture(scope="module")
def simulated() -> Iterator[Hud]:
    with hud_at() as hud:
        yield hud


@pytest.fixture
def api(simulated: Hud, monkeypatch: pytest.MonkeyPatch) -> Iterator[HudClient]:
    for name in ("URL", "LOG_URL", "TEMP_LOG_URL", "STATS_URL"):
        monkeypatch.setenv(f"SICKBAY_HUD__{name}", simulated.url)
    with HudClient() as client:
        yield client


def test_older_scripts_find_their_methods_and_arguments() -> None:
    for name, arguments in OLD.items():
        taken = inspect.signature(getattr(HudClient, name)).parameters
        assert tuple(taken)[1:] == arguments, name
    made = tuple(inspect.signature(HudClient).parameters)
    assert made[:3] == ("base_url", "retry_attempts", "retry_delay")
    assert (sickbay.HudClient, sickbay.HudError) == (HudClient, SickbayError)


def test_every_method_that_can_be_awaited_can_be_waited_for() -> None:
    methods = {name for name in dir(AsyncHudClient) if not name.startswith("_")}
    assert methods - {"aclose", "repo"} <= set(dir(HudClient))
    assert HudClient.page.__doc__ == AsyncHudClient.page.__doc__


def test_the_old_grid_has_its_shape_and_the_right_names(api: HudClient) -> None:
    data = api.get_hud_data("pytorch", "pytorch", "main", per_page=3, page=2)
    assert set(data) == {"shaGrid", "jobNames"}
    assert len(data["shaGrid"]) == 3
    for commit in data["shaGrid"]:
        assert len(commit["jobs"]) == len(data["jobNames"])
        for name, job in zip(data["jobNames"], commit["jobs"], strict=True):
            assert job == {} or job["name"] == name
    typed = api.page(per_page=3, page=2)
    theirs = {j["id"]: j["name"] for c in data["shaGrid"] for j in c["jobs"] if j}
    assert theirs == {j.job_id: j.name for r in typed.rows for j in r.jobs.values()}


def test_what_a_script_does_to_its_data_does_not_come_back(api: HudClient) -> None:
    first = api.get_hud_data("pytorch", "pytorch", "main", per_page=2)
    first["shaGrid"].clear()
    assert (
        len(api.get_hud_data("pytorch", "pytorch", "main", per_page=2)["shaGrid"]) == 2
    )


def test_the_old_queries_need_no_parameters_and_no_github(api: HudClient) -> None:
    names = api.get_clickhouse_queries()
    assert len(names) == 192
    assert "flaky_tests/ind_info" in names
    takes = api.get_clickhouse_query_parameters("master_commit_red")
    assert takes["params"]["startTime"].startswith("DateTime64")
    with pytest.raises(NotFound, match="no_such_query"):
        api.get_clickhouse_query_parameters("no_such_query")
    assert isinstance(api.query_clickhouse("queued_jobs"), list)


def test_the_old_search_takes_dates_in_any_form_and_sends_utc(site: Site) -> None:
    site.says("/api/search", b'{"jobs": []}')
    with HudClient(f"http://127.0.0.1:{site.port}/api") as hud:
        hud.search_logs("x", start_date="2026-03-01", end_date="2026-03-02T01:00+01:00")
        hud.search_logs("x", "pytorch/pytorch", "pull", "main", min_score=2)
        with pytest.raises(BadRequest):
            hud.search_logs("x", start_date="a week ago")
    first, second = site.paths
    assert "startDate=2026-03-01T00%3A00%3A00.000Z" in first
    assert "endDate=2026-03-02T00%3A00%3A00.000Z" in first
    assert "workflowName=pull&branchName=main&minScore=2" in second


def test_the_old_time_range_is_in_utc() -> None:
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}"
    assert all(re.fullmatch(form, text) for text in parse_time_range("24h"))
    with pytest.raises(BadRequest):
        HudClient.parse_time_range("whenever")


def test_it_works_where_a_loop_runs_already(api: HudClient) -> None:
    async def cell() -> int:
        return len(api.page(per_page=2).rows)

    assert asyncio.run(cell()) == 2


def test_a_closed_client_says_so(simulated: Hud) -> None:
    client = HudClient(simulated.url)
    client.page(per_page=1)
    client.close()
    client.close()
    with pytest.raises(BadRequest, match="closed"):
        client.page(per_page=1)


def test_an_error_is_one_of_ours_with_a_hint(api: HudClient) -> None:
    with pytest.raises(sickbay.HudError) as failed:
        api.get_hud_data("pytorch", "pytorch", "no/such/branch", per_page=1)
    assert isinstance(failed.value, SickbayError)


def run(
    script: str | Path, *words: str, **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, script, *words],
        env={"HOME": "/nonexistent", "PYTHONPATH": str(ROOT / "src"), **environ},
        capture_output=True,
        check=False,
        text=True,
        timeout=15,
    )


def test_the_example_answers_its_three_questions(simulated: Hud) -> None:
    ran = run(ROOT / "examples/hud.py", SICKBAY_HUD__URL=simulated.url)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.search(r"^[0-9a-f]{8} .*'success': \d+", ran.stdout, re.MULTILINE)
    assert re.search(r"^  failed: \S.* / .*: \S", ran.stdout, re.MULTILINE)
    reds = re.findall(r"^(\S+): (\d+) of (\d+) commits red$", ran.stdout, re.MULTILINE)
    assert reds
    assert sum(int(red) for _, red, _ in reds) > 0
    assert re.search(r"^[1-9]\d* jobs with a failure like ", ran.stdout, re.MULTILINE)


def test_the_example_tells_what_is_wrong_in_a_line() -> None:
    with hud_at() as hud:
        hud.faults.planned["/api/hud/pytorch/pytorch/main/1"] = ["html"] * 3
        ran = run(ROOT / "examples/hud.py", SICKBAY_HUD__URL=hud.url)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("HUD: ")
    assert len(ran.stderr.splitlines()) == 1


UNCLOSED = """
import sys
from sickbay import HudClient
client = HudClient(sys.argv[1])
print(len(client.page(per_page=1).rows))
"""


def test_a_script_that_closes_nothing_ends(simulated: Hud, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNCLOSED)
    ran = run(script, simulated.url)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "1\n", "")


def test_a_retry_is_no_warning_on_the_screen(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNCLOSED)
    with hud_at() as hud:
        hud.faults.planned["/api/hud/pytorch/pytorch/main/1"] = ["503", "cut", None]
        ran = run(script, hud.url)
        assert (ran.stdout, ran.stderr, len(hud.asked)) == ("1\n", "", 3)


@pytest.mark.parametrize(("merge", "sent"), [(None, ""), (False, ""), (True, "true")])
def test_the_old_merge_lf_is_what_hud_reads_and_none_is_not_sent(
    site: Site, *, merge: bool | None, sent: str
) -> None:
    site.says("/api/hud/pytorch/pytorch/main/1", b'{"shaGrid": [], "jobNames": []}')
    with HudClient(f"http://127.0.0.1:{site.port}") as hud:
        hud.get_hud_data("pytorch", "pytorch", "main", merge_lf=merge)
    query = dict(parse_qsl(site.paths[0].partition("?")[2]))
    expected = {"mergeEphemeralLF": sent} if sent else {}
    assert query == {"per_page": "20", **expected}


def test_the_old_artifacts_are_those_of_a_run(site: Site) -> None:
    site.says("/api/artifacts/s3/9", b'[{"name": "a.zip", "sizeInBytes": 5}]')
    with HudClient(f"http://127.0.0.1:{site.port}") as hud:
        assert hud.get_artifacts("s3", 9) == [{"name": "a.zip", "sizeInBytes": 5}]
        assert [one.size_in_bytes for one in hud.artifacts(9)] == [5]
