from __future__ import annotations

import pytest

from tests.simulators.buildkite import Site, buildkite_at


def newest(site: Site) -> str:
    return site.builds(site.world.nightlies[-1])


def test_organization_has_so_many_requests_in_a_window() -> None:
    with buildkite_at(days=3, org_limit=3) as site:
        left = []
        for _ in range(3):
            answer = site.get(newest(site))
            assert answer.headers["ratelimit-scope"] == "rest"
            left.append(int(answer.headers["ratelimit-remaining"]))
        assert left == [2, 1, 0]
        assert "ratelimit-warning" in answer.headers
        refused = site.get(newest(site), token="writer")  # noqa: S106 - of nothing real
    assert refused.status_code == 429
    told = refused.json()
    assert (told["scope"], told["limit"], told["current"]) == ("rest", 3, 4)
    assert 0 < told["reset"] <= 61
    assert refused.headers["ratelimit-reset"] == str(told["reset"])


def test_each_token_has_a_share_of_its_own() -> None:
    with buildkite_at(days=3, user_limit=1) as site:
        assert site.get(newest(site)).status_code == 200
        refused = site.get(newest(site))
        assert refused.status_code == 429
        assert refused.json()["scope"] == "rest_user"
        assert refused.headers["ratelimit-user-remaining"] == "0"
        other = site.get(newest(site), token="writer")  # noqa: S106 - of nothing real
        assert other.status_code == 200


def test_no_limit_is_told_where_there_is_none() -> None:
    with buildkite_at(days=3) as site:
        headers = site.get(newest(site)).headers
        limits = site.get("/v2/organizations/vllm/rate_limit").json()
    assert not any(name.startswith("ratelimit") for name in headers)
    assert limits["rest"]["enforced"] is False


def test_seed_makes_another_world() -> None:
    with buildkite_at(days=3, seed=3) as site, buildkite_at(days=3) as other:
        assert site.world.seed == 3
        assert site.get(newest(site)).json() != other.get(newest(other)).json()


def test_fault_is_met_and_remembered() -> None:
    with buildkite_at(days=3) as site:
        site.faults.planned[newest(site)] = ["503", None]
        assert site.get(newest(site)).status_code == 503
        assert site.get(newest(site)).status_code == 200
        assert [asked.fault for asked in site.asked] == ["503", None]
        assert site.asked[0].headers["authorization"] == "Bearer reader"


@pytest.fixture(name="site", scope="module")
def public() -> object:
    with buildkite_at(days=8) as site:
        yield site


def page(number: int, pipeline: str = "ci") -> str:
    return f"/web/vllm/{pipeline}/builds/{number}"


def test_public_page_opens_a_session_for_the_data_behind_it(site: Site) -> None:
    number = site.world.nightlies[-1]
    site.client.cookies.clear()
    shut = site.client.get(f"{page(number)}/data/jobs")
    assert (shut.status_code, shut.headers["location"]) == (302, "/web/login")
    found = site.client.get(page(number), headers={"Accept": "application/json"})
    assert found.json()["number"] == number
    assert "_buildkite_sess" in found.headers["set-cookie"]
    rows, place = [], 1
    while True:
        shown = site.client.get(f"{page(number)}/data/jobs?page={place}").json()
        rows += shown["records"]
        place += 1
        if not shown["has_next_page"]:
            break
    made = site.world.build(number)
    assert made is not None
    assert [row["id"] for row in rows] == [job.job_id for job in made.jobs]
    bad = next(row for row in rows if row["state"] == "failed")
    base = f"/web/organizations/vllm/pipelines/ci/builds/{number}/jobs/{bad['id']}"
    raw = site.client.get(f"{base}/download").content
    log = site.get(site.builds(number, "jobs", bad["id"], "log.txt")).content
    assert raw == log


def test_page_may_be_no_json(site: Site) -> None:
    site.faults.page_only = True
    answer = site.client.get(
        page(site.world.nightlies[-1]), headers={"Accept": "application/json"}
    )
    site.faults.page_only = False
    assert answer.headers["content-type"].startswith("text/html")
    assert "set-cookie" in answer.headers


def test_private_pipeline_is_behind_the_login(site: Site) -> None:
    slot = next(slot for slot in site.world.slots if slot.pipeline == "release")
    answer = site.client.get(page(slot.number, "release"))
    assert answer.headers["location"] == "/web/login"
    assert site.get(site.builds(slot.number, pipeline="release")).status_code == 200
