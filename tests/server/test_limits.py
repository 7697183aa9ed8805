"""How often one caller may ask."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2
from hypothesis import given
from hypothesis import strategies as st

from sickbay.server.limits import Allowance
from tests.server.stand import Client, served


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def test_burst_is_free_and_the_next_has_to_wait() -> None:
    allowance = Allowance(rate_per_s=10, burst=3, clock=Clock())
    waits = [allowance.wait_s("a") for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert round(waits[3], 3) == 0.1


def test_waiting_as_told_is_enough() -> None:
    clock = Clock()
    allowance = Allowance(rate_per_s=4, burst=1, clock=clock)
    assert allowance.wait_s("a") == 0
    clock.now += allowance.wait_s("a")
    assert allowance.wait_s("a") == 0


def test_callers_do_not_pay_for_each_other() -> None:
    allowance = Allowance(rate_per_s=1, burst=1, clock=Clock())
    assert allowance.wait_s("a") == 0
    assert allowance.wait_s("b") == 0
    assert allowance.wait_s("a") > 0


def test_callers_that_went_away_are_forgotten() -> None:
    clock = Clock()
    allowance = Allowance(rate_per_s=1, burst=1, clock=clock)
    for number in range(25_000):
        clock.now += 0.001
        allowance.wait_s(str(number))
    assert len(allowance._full_at) <= 10_000  # noqa: SLF001 - memory shows nowhere else


@given(st.lists(st.floats(0, 3), max_size=60), st.floats(0.5, 20), st.integers(1, 9))
def test_never_more_than_rate_and_burst(
    pauses: list[float], rate: float, burst: int
) -> None:
    clock = Clock()
    allowance = Allowance(rate_per_s=rate, burst=burst, clock=clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += allowance.wait_s("a") == 0
    assert passed <= burst + rate * sum(pauses) + 1e-6


def test_too_many_requests_are_told_when_to_come_again() -> None:
    with served(rate_per_s=0.01, burst=2) as url:
        answers = [Client(url).ask("ping") for _ in range(3)]
        spoofed = Client(url, headers={"x-forwarded-for": "192.0.2.7"}).ask("ping")
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 90 <= int(answers[2].headers["retry-after"]) <= 100
    assert answers[2].json()["error"]["data"]["retryable"] is True
    assert spoofed.status_code == 429


def test_probes_are_never_limited() -> None:
    with served(rate_per_s=0.01, burst=1) as url:
        assert [httpx2.get(f"{url}/healthz").status_code for _ in range(3)] == [200] * 3
