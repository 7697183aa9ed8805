from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from sickbay.simulators.faults import KINDS, Faults, Faulty, Kind
from tests.simulators.hud import Hud, hud_at

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)
PATH = "/api/hud/pytorch/pytorch/main/1"
SECRET = {"x-hud-internal-bot": "hud-bot-token"}


def ask(hud: Hud, path: str = PATH, **headers: str) -> httpx2.Response:
    return hud.client.get(f"{path}?per_page=1", headers=headers)


def met(kind: Kind, **options: int) -> httpx2.Response:
    with hud_at(now=NOON, planned={PATH: [kind]}, slow_s=0.01, **options) as hud:
        answer = ask(hud)
        assert hud.asked[-1].fault == kind
        return answer


@pytest.mark.parametrize("kind", ["429", "500", "502", "503"])
def test_refusal_has_its_status(kind: Kind) -> None:
    assert met(kind).status_code == int(kind)


def test_too_many_requests_says_when_to_come_back() -> None:
    assert met("429", retry_after_s=7).headers["retry-after"] == "7"


def test_connection_is_dropped_before_the_answer() -> None:
    with pytest.raises(httpx2.ReadError):
        met("reset")


def test_connection_is_dropped_within_the_answer() -> None:
    with pytest.raises(httpx2.RemoteProtocolError):
        met("cut")


def test_slow_answer_is_whole() -> None:
    assert len(met("slow").json()["shaGrid"]) == 1


def test_page_comes_instead_of_json() -> None:
    answer = met("html")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html"


def test_half_an_answer_claims_to_be_whole() -> None:
    answer = met("truncated")
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_planned_faults_come_in_their_order_and_end() -> None:
    with hud_at(now=NOON, planned={PATH: ["500", None, "503"]}) as hud:
        assert [ask(hud).status_code for _ in range(4)] == [500, 200, 503, 200]


def test_faults_can_be_changed_while_it_runs() -> None:
    with hud_at(now=NOON) as hud:
        assert ask(hud).status_code == 200
        hud.faults.share, hud.faults.kinds = 1.0, ("502",)
        assert ask(hud).status_code == 502
        hud.faults.only = "^/log/"
        assert ask(hud).status_code == 200


def test_same_seed_goes_wrong_at_the_same_requests() -> None:
    first, second, other = (Faults(share=0.3, seed=seed) for seed in (1, 1, 2))
    paths = [f"/{place % 50}" for place in range(500)]
    picks = [first.pick(path) for path in paths]
    assert picks == [second.pick(path) for path in paths]
    assert picks != [other.pick(path) for path in paths]


def test_share_of_requests_goes_wrong_in_every_way() -> None:
    faults = Faults(share=0.3)
    picks = Counter(faults.pick(f"/{place}") for place in range(5000))
    assert 0.25 < 1 - picks[None] / 5000 < 0.35
    assert picks.keys() - {None} == set(KINDS)
    assert all(picks[kind] > 80 for kind in KINDS)


def test_what_was_asked_is_known() -> None:
    with hud_at(now=NOON) as hud:
        ask(hud, "/api/hud/pytorch/pytorch/viable%2Fstrict/1", authorization="Bearer x")
        asked = hud.asked[-1]
    assert asked.method == "GET"
    assert asked.path == "/api/hud/pytorch/pytorch/viable%2Fstrict/1"
    assert asked.query["per_page"] == "1"
    assert asked.headers["authorization"] == "Bearer x"


def test_firewall_challenges_whoever_shows_no_token() -> None:
    with hud_at(now=NOON, firewall=True) as hud:
        answer = ask(hud)
        assert answer.status_code == 429
        assert answer.headers["x-vercel-mitigated"] == "challenge"
        assert answer.headers["content-type"].startswith("text/html")
        assert ask(hud, **SECRET).status_code == 200
        assert ask(hud, **{"x-hud-internal-bot": "guessed"}).status_code == 429


def test_firewall_stands_before_the_api_alone() -> None:
    with hud_at(now=NOON, firewall=True) as hud:
        run = next(run for run in hud.world.failed if run.completed)
        assert ask(hud, f"/log/{run.job_id}").status_code == 200
        assert ask(hud, "/stats/flaky-rules.json").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 401, id="no-token"),
        pytest.param({"authorization": "Bearer guessed"}, 401, id="unknown-token"),
        pytest.param({"authorization": "github-writer"}, 401, id="no-bearer"),
        pytest.param(
            {"authorization": "Bearer github-reader"}, 403, id="may-not-write"
        ),
        pytest.param({"authorization": "Bearer github-writer"}, 200, id="may-write"),
    ],
)
def test_github_token_is_a_way_in(headers: dict[str, str], status: int) -> None:
    path = "/api/authed/hud/pytorch/pytorch/viable%2Fstrict/1"
    with hud_at(now=NOON, firewall=True) as hud:
        assert ask(hud, path, **headers).status_code == status


def test_way_in_hands_no_header_on() -> None:
    path = "/flaky-tests/getDisabledTestsAndJobs"
    secret = {"authorization": "hud-bot-token"}
    with hud_at(now=NOON) as hud:
        assert ask(hud, f"/api{path}", **secret).status_code == 200
        assert ask(hud, f"/api{path}").status_code == 403
        token = {"authorization": "Bearer github-writer"}
        assert ask(hud, f"/api/authed{path}", **token).status_code == 403


def test_more_requests_than_the_limit_are_refused() -> None:
    with hud_at(now=NOON, rate_per_s=2) as hud:
        answers = [ask(hud, "/api/issue/skipped") for _ in range(40)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        assert ask(hud, "/api/issue/skipped", **SECRET).status_code == 200


def test_oldest_requests_are_forgotten() -> None:
    async def send(_: object) -> None: ...

    async def receive() -> dict[str, Any]:
        return {}

    async def quiet(*_: object) -> None: ...

    async def many(faulty: Faulty) -> None:
        for number in range(100):
            scope: dict[str, Any] = {"type": "http", "method": "GET"}
            scope |= {"path": f"/{number}", "query_string": b"", "headers": []}
            await faulty(scope, receive, send)

    faulty = Faulty(quiet, Faults(), kept=10)
    asyncio.run(many(faulty))
    assert faulty.asked[-1].path == "/99"
    assert 10 <= len(faulty.asked) <= 20
