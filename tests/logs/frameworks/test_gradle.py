"""Gradle's test logging names what failed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import gradle
from tests.logs.frameworks.samples import (
    DATA,
    check_sound,
    mangled,
    named,
    only,
    outcomes,
    sample,
    sessions,
)

SHOP = {
    "com.example.TableTest.odd[1: 2 is (odd)]": "failed",
    "com.example.SetUpTest": "error",
    "com.example.CartTest.adds": "failed",
    "com.example.CartTest.sums": "failed",
    "com.example.CartTest.waits": "timed_out",
    "com.example.CartTest.wraps": "failed",
}


@pytest.mark.parametrize(
    "name", [pytest.param("short", id="short"), pytest.param("full", id="full")]
)
def test_failures_are_named_and_agree_with_gradles_own_counts(name: str) -> None:
    session = only(gradle, f"gradle/{name}")
    assert outcomes(session) == SHOP
    assert session.expected_failed == len(SHOP) == session.counts.bad
    assert (session.counts.passed, session.counts.skipped) == (2, 1)
    assert all(result.message for result in session.failed)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("short", "java.lang.AssertionError", id="short"),
        pytest.param("full", "total expected:<3> but was:<2>", id="full"),
    ],
)
def test_reason_is_told(name: str, message: str) -> None:
    result = named(only(gradle, f"gradle/{name}"), "com.example.CartTest.sums")
    assert (result.exception, result.message) == ("java.lang.AssertionError", message)
    assert (result.frames[0].path, result.frames[0].line) == ("CartTest.java", 5)


def test_build_without_failures_tells_nothing() -> None:
    assert not sample(gradle, "gradle/passed")


def test_class_is_named_in_full_from_its_frames() -> None:
    log = b"""CartTest > adds() FAILED
    java.lang.IllegalStateException: locked
        at com.shop.Cart.add(Cart.java:9)
        at com.shop.CartTest.adds(CartTest.java:12)

1 test completed, 1 failed
"""
    (session,) = sessions(gradle, log)
    assert outcomes(session) == {"com.shop.CartTest.adds": "failed"}


@given(st.lists(st.integers(0, 200), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    check_sound(gradle, mangled((DATA / "gradle/full.log").read_bytes(), cuts))
