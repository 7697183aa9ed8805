"""The grid over many pages, against the simulated HUD."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import BadRequest, Malformed, SickbayError, Unavailable
from tests.clients.hud.desk import HASTE, asked
from tests.simulators.hud import hud_at

if TYPE_CHECKING:
    from sickbay.ci.models import Grid
    from sickbay.clients.hud import AsyncHudClient
    from sickbay.core.results import Coverage
    from tests.clients.site import Site

PAGE = "/api/hud/pytorch/pytorch/main"


def shas(grid: Grid) -> list[str]:
    return [row.commit.sha for row in grid.rows]


def test_each_page_has_names_of_its_own_and_its_jobs_have_them() -> None:
    with hud_at() as hud:

        async def work(client: AsyncHudClient) -> None:
            first, second = [await client.page(page=n, per_page=5) for n in (1, 12)]
            assert first.job_names != second.job_names
            for page in (first, second):
                assert page.unreadable == 0
                assert list(page.job_names) == sorted(set(page.job_names))
                for row in page.rows:
                    assert set(row.jobs) <= set(page.job_names)
            sha = first.rows[2].commit.sha
            there = await client.commit(sha)
            ours = {j.job_id: j.name for j in first.rows[2].jobs.values()}
            theirs = {job.job_id: job.name for job in there.jobs}
            both = ours.keys() & theirs.keys()
            assert len(both) > 100
            assert {ours[job] for job in both} == {theirs[job] for job in both}
            assert all(ours[job] == theirs[job] for job in both)

        asked(hud.url, work)


def test_a_trunk_is_all_its_pages_at_once_without_a_commit_twice() -> None:
    with hud_at() as hud:

        async def work(client: AsyncHudClient) -> tuple[Grid, Coverage]:
            return await client.trunk(commits=55)

        grid, coverage = asked(hud.url, work)
        assert len(grid.rows) == len(set(shas(grid))) == 55
        assert (coverage.examined, coverage.total, coverage.skipped) == (55, 55, ())
        assert not grid.complete
        assert sorted(hud.paths()) == [f"{PAGE}/1", f"{PAGE}/2"]
        times = [row.commit.time for row in grid.rows]
        assert all(time and time.utcoffset() is not None for time in times)
        assert grid.job_names == tuple(sorted({n for r in grid.rows for n in r.jobs}))


def test_the_second_page_begins_where_the_first_ends() -> None:
    with hud_at() as hud:

        async def work(client: AsyncHudClient) -> list[list[str]]:
            pages = [await client.trunk(commits=20, page=n) for n in (1, 2)]
            odd = [await client.trunk(commits=27, page=2)]
            whole = [await client.trunk(commits=55)]
            return [shas(grid) for grid, _ in (*pages, *odd, *whole)]

        one, two, odd, whole = asked(hud.url, work)
    assert one + two == whole[:40]
    assert odd == whole[27:54]


def test_where_the_branch_ends_the_rows_stop_and_that_is_said() -> None:
    with hud_at() as hud:
        grid, coverage = asked(hud.url, lambda client: client.trunk(commits=300))
    assert (len(grid.rows), grid.complete) == (60, True)
    assert (coverage.examined, coverage.total, coverage.skipped) == (60, 60, ())


def test_a_page_that_fails_is_named_and_the_others_are_there() -> None:
    with hud_at() as hud:
        hud.faults.planned[f"{PAGE}/2"] = ["html"] * 3
        grid, coverage = asked(hud.url, lambda client: client.trunk(commits=55))
        assert len(grid.rows) == 50
        [skipped] = coverage.skipped
        assert skipped.what == "commits 51 to 55"
        assert "web page" in skipped.why
        assert (coverage.examined, coverage.total) == (50, 55)


def test_rows_that_are_no_neighbours_are_told_apart() -> None:
    with hud_at(commits=130) as hud:
        hud.faults.planned[f"{PAGE}/2"] = ["html"] * 3
        grid, _ = asked(hud.url, lambda client: client.trunk(commits=120))
        assert len(grid.rows) == 70
        assert grid.gaps == {grid.rows[50].commit.sha}
        assert grid.unseen(49, 50)
        assert not grid.unseen(0, 49)
        assert not grid.unseen(50, 69)


def test_when_no_page_comes_the_first_error_is_told() -> None:
    with hud_at() as hud:
        for n in (1, 2):
            hud.faults.planned[f"{PAGE}/{n}"] = ["html"] * 3
        with pytest.raises(Malformed, match="web page"):
            asked(hud.url, lambda client: client.trunk(commits=55))


def test_what_breaks_now_and_then_is_made_good() -> None:
    with hud_at() as hud:
        hud.faults.planned[f"{PAGE}/1"] = ["cut", "429", "reset", None]
        hud.faults.planned[f"{PAGE}/2"] = ["truncated", "502", "503", None]
        grid, coverage = asked(hud.url, lambda client: client.trunk(commits=55))
        assert (len(grid.rows), coverage.skipped) == (55, ())
        assert len(hud.asked) == 8


def test_a_branch_that_is_not_there_is_an_error_not_an_empty_trunk() -> None:
    with hud_at() as hud, pytest.raises(SickbayError):
        asked(hud.url, lambda client: client.trunk("no/such", commits=10))


def test_jobs_can_be_hidden_and_are_not_when_not_asked() -> None:
    with hud_at() as hud:

        async def work(client: AsyncHudClient) -> tuple[int, int]:
            shown = await client.page(per_page=3)
            hidden = await client.page(per_page=3, hide_unstable=True, hide_reruns=True)
            return len(shown.job_names), len(hidden.job_names)

        shown, hidden = asked(hud.url, work)
        assert shown > hidden > 100
        first, second = (entry.query for entry in hud.asked)
        assert set(first) == {"per_page"}
        assert second["filter_unstable"] == second["filter_reruns"] == "true"


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": 0},
        {"per_page": 0},
        {"per_page": 101},
        {"repo": "pytorch"},
        {"page": -1},
    ],
)
def test_what_hud_would_read_as_something_else_is_refused(
    site: Site, wrong: dict[str, object]
) -> None:
    with pytest.raises(BadRequest):
        asked(site.port, lambda client: client.page("main", **wrong))  # type: ignore[arg-type] # wrong on purpose
    assert site.asked == []


@pytest.mark.parametrize("wrong", [{"commits": 0}, {"page": 0}])
def test_a_trunk_of_nothing_is_refused(site: Site, wrong: dict[str, int]) -> None:
    with pytest.raises(BadRequest):
        asked(site.port, lambda client: client.trunk(**wrong))  # type: ignore[arg-type] # wrong on purpose


@pytest.mark.parametrize("body", [b"{}", b'{"error": "x"}', b'{"shaGrid": 7}'])
def test_what_is_no_page_is_not_an_empty_trunk(site: Site, body: bytes) -> None:
    site.says(f"{PAGE}/1", body)
    with pytest.raises(Malformed, match="no page"):
        asked(site.port, lambda client: client.trunk())


def test_between_rows_that_could_be_read_others_are_known_to_be(site: Site) -> None:
    rows: list[object] = [{"sha": name} for name in "abcd"]
    rows[1:1], rows[4:4] = [None], [{"sha": ""}]
    site.says(f"{PAGE}/1", json.dumps({"shaGrid": rows, "jobNames": []}).encode())
    grid, _ = asked(site.port, lambda client: client.trunk())
    assert [row.commit.sha for row in grid.rows] == ["a", "b", "c", "d"]
    assert grid.gaps == {"b", "d"}


def test_rows_that_cannot_be_read_are_counted_not_hidden(site: Site) -> None:
    good = {"sha": "a", "jobs": [{"id": 1}]}
    grid = [good, 7, {"jobs": []}, {"sha": "b", "jobs": [{"id": 2}, {"id": 3}]}]
    body = json.dumps({"shaGrid": grid, "jobNames": ["x / y"]}).encode()
    site.says(f"{PAGE}/1", body)
    found, coverage = asked(site.port, lambda client: client.trunk(commits=4))
    assert shas(found) == ["a", "b"]
    assert not found.complete
    [skipped] = coverage.skipped
    assert skipped.what == "3 values of page 1"


def test_a_commit_knows_its_runs_by_workflow() -> None:
    with hud_at() as hud:

        async def work(client: AsyncHudClient) -> None:
            page = await client.page(per_page=5)
            found = await client.commit(page.rows[4].commit.sha)
            assert found.commit == page.rows[4].commit
            assert {run.run_id for runs in found.runs.values() for run in runs} >= {
                job.run_id for job in found.jobs
            }
            job = found.jobs[0]
            assert job.attempt
            assert isinstance(job.run_id, int)
            own = await client.commit(job.sha, run_id=job.run_id, attempt=job.attempt)
            assert {one.run_id for one in own.jobs} == {job.run_id}

        asked(hud.url, work)


def test_a_commit_without_a_commit_is_malformed(site: Site) -> None:
    site.says("/api/pytorch/pytorch/commit/abc", b"{}")
    with pytest.raises(Malformed, match="no commit"):
        asked(site.port, lambda client: client.commit("abc"))


def test_a_page_nobody_answers_for_is_unavailable() -> None:
    with hud_at() as hud:
        hud.faults.planned[f"{PAGE}/1"] = ["503"] * 4
        with pytest.raises(Unavailable, match="503"):
            asked(hud.url, lambda client: client.page())
        assert len(hud.asked) == 4


@pytest.mark.parametrize("seed", range(3))
def test_with_a_third_of_all_requests_failing_the_answer_is_right_or_says_what_is_not(
    seed: int,
) -> None:
    kinds = ("429", "500", "502", "reset", "cut", "slow", "truncated")
    with hud_at(share=0.3, kinds=kinds, slow_s=0.01, seed=seed) as hud:

        async def work(client: AsyncHudClient) -> None:
            known: dict[str, int] = {}
            for commits in (20, 33, 60):
                grid, coverage = await client.trunk(commits=commits)
                missing = commits - len(grid.rows)
                assert bool(missing) == bool(coverage.skipped)
                for row in grid.rows:
                    assert known.setdefault(row.commit.sha, len(row.jobs)) == len(
                        row.jobs
                    )

        asked(hud.url, work)
        assert any(entry.fault for entry in hud.asked)
        per_page = Counter((entry.path, entry.query["per_page"]) for entry in hud.asked)
        assert max(per_page.values()) <= HASTE.attempts
