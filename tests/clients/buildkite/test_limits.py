from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.references import BuildRef
from sickbay.clients.buildkite.limits import LONGEST_S, Limits
from sickbay.core.errors import Denied, Unavailable
from tests.clients.buildkite.desk import BUILD, REF, asked, job_of, joined, nightly
from tests.clients.buildkite.desk import failed as one_failed
from tests.simulators.buildkite import buildkite_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from tests.clients.site import Handler
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site

URL = httpx2.URL("https://api.example.org/v2/x")
ELSEWHERE = httpx2.URL("https://store.example.org/x")


def told(
    remaining: int, reset_s: int = 60, *, limit: int = 200, user: bool = False
) -> dict[str, str]:
    prefix = "RateLimit-User" if user else "RateLimit"
    return {
        f"{prefix}-Limit": str(limit),
        f"{prefix}-Remaining": str(remaining),
        f"{prefix}-Reset": str(reset_s),
    }


def after(*answers: Mapping[str, str]) -> Limits:
    """Limits that heard these answers."""
    limits = Limits("api.example.org", jitter_s=(0, 0))

    async def work() -> None:
        for headers in answers:
            await limits.enter(URL)
            limits.left(URL, 200, headers)

    asyncio.run(work())
    return limits


def test_each_scope_has_its_own_limit() -> None:
    limits = after({**told(150), **told(40, 30, limit=50, user=True)}).limits
    assert {scope: (one.limit, one.remaining) for scope, one in limits.items()} == {
        "rest": (200, 150),
        "rest_user": (50, 40),
    }
    assert 0 < limits["rest_user"].reset_s <= 30 < limits["rest"].reset_s <= 60


def test_an_answer_that_comes_late_gives_nothing_back() -> None:
    limits = after(told(10), told(12), told(11)).limits
    assert limits["rest"].remaining == 10


def test_a_new_window_is_full_again() -> None:
    assert after(told(3, 1), told(199, 60)).limits["rest"].remaining == 199


def test_a_refusal_that_names_its_scope_is_believed() -> None:
    limits = after(told(10))
    limits.exhausted("rest_user", 30)
    assert limits.limits["rest_user"].remaining == 0


@given(
    st.dictionaries(
        st.sampled_from([*told(1), *told(1, user=True), "RateLimit-Scope"]),
        st.text(max_size=30),
    )
)
def test_headers_of_any_kind_break_nothing(headers: dict[str, str]) -> None:
    limits = Limits("api.example.org")
    limits.left(URL, 200, headers)
    limits.left(URL, None, {})
    assert all(one.remaining >= 0 for one in limits.limits.values())


def test_no_more_is_under_way_than_a_window_has_left() -> None:
    async def work() -> None:
        limits = Limits("api.example.org", jitter_s=(0, 0))
        await limits.enter(URL)
        limits.left(URL, 200, told(2))
        first, second, third = (
            asyncio.create_task(limits.enter(URL)) for _ in range(3)
        )
        await asyncio.wait([first, second])
        await asyncio.sleep(0)
        assert not third.done()
        limits.left(URL, 200, told(1))  # one of the two was counted by now
        limits.left(URL, None, {})  # the other never came to the server
        await asyncio.wait_for(third, 5)

    asyncio.run(work())


def test_other_hosts_are_not_held_back() -> None:
    async def work() -> None:
        limits = Limits("api.example.org")
        await limits.enter(URL)
        limits.left(URL, 429, told(0))
        await asyncio.wait_for(limits.enter(ELSEWHERE), 5)
        assert limits.requests == 2

    asyncio.run(work())


@pytest.mark.parametrize("limit", ["org_limit", "user_limit"])
def test_a_client_stays_within_the_limit_and_waits_for_the_next_window(
    limit: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        buildkite_at(window_s=1.0, **{limit: 4}) as site,
        caplog.at_level(logging.WARNING, logger="sickbay.clients.buildkite.limits"),
    ):

        async def work(buildkite: AsyncBuildkiteClient) -> None:
            ref = nightly(site)
            for _ in range(6):
                await buildkite.build(ref, refresh=True)

        asked(site, work)
        refused = [one for one in site.asked if one.fault]
        assert refused == []
        assert len(site.asked) == 6
        assert "is used up" in caplog.text


def test_many_at_once_are_all_answered_though_they_fill_two_windows() -> None:
    with buildkite_at(window_s=1.0, org_limit=10) as site:

        async def work(buildkite: AsyncBuildkiteClient) -> int:
            numbers = [slot.number for slot in site.world.slots[-18:]]
            refs = [BuildRef("vllm", "ci", number) for number in numbers]
            found = await asyncio.gather(
                *map(buildkite.build, refs), return_exceptions=True
            )
            return sum(not isinstance(one, Unavailable) for one in found)

        assert asked(site, work) == 18


def test_the_headers_of_a_log_count_too(site: Site) -> None:
    site.faults.org_limit = 100

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        build = await buildkite.build(nightly(site))
        before = buildkite.limits["rest"].remaining
        await joined(buildkite.log(job_of(build, one_failed(build))))
        assert buildkite.limits["rest"].remaining == before - 1

    asked(site, work)


def test_a_429_is_asked_again_three_times_at_most(written: Written) -> None:
    body = b'{"message": "slow down", "scope": "rest", "limit": 1, "reset": 0}'
    written.says(f"{BUILD}/5", body, status=429)
    with pytest.raises(Unavailable, match="slow down"):
        asked(written, lambda buildkite: buildkite.build(REF))
    assert len(written.asked) == 4


def test_the_scope_of_a_429_s_body_is_waited_for(
    written: Written, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter(
        [
            (b'{"message": "slow", "scope": "rest", "reset": 1}', 429),
            (b'{"number": 5, "jobs": []}', 200),
        ]
    )

    def answer(handler: Handler) -> None:
        body, status = next(answers)
        handler.say(body, status)

    written.answers[f"{BUILD}/5"] = answer
    assert asked(written, lambda buildkite: buildkite.build(REF)).number == 5
    assert "limit rest" in caplog.text


def test_a_403_is_never_asked_again(written: Written) -> None:
    written.says(f"{BUILD}/5", b'{"message": "No"}', status=403)
    with pytest.raises(Denied, match="No"):
        asked(written, lambda buildkite: buildkite.build(REF))
    assert len(written.asked) == 1


HUGE = ["9" * 20, "9" * 400, "9" * 5000]


@pytest.mark.parametrize("reset", HUGE, ids=lambda text: f"{len(text)} digits")
def test_attack_a_window_without_end_holds_nobody_back_for_ever(reset: str) -> None:
    limits = Limits("api.example.org", jitter_s=(0, 0))
    limits.left(URL, 200, {**told(0), "RateLimit-Reset": reset})
    limits.exhausted("rest_user", int(reset[:400]))
    assert all(one.reset_s <= LONGEST_S for one in limits.limits.values())
