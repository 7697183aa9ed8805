"""Surefire's logs name what failed, with the class in full."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import surefire
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

SHARED = Path(os.environ.get("SICKBAY_DATA", "../shared/data"))

CART = {
    "com.example.cart.CartTest.expects": "failed",
    "com.example.cart.CartTest.sums": "failed",
    "com.example.cart.CartTest.adds": "error",
    "com.example.cart.CartTest.nothing": "error",
    "com.example.cart.CartTest.wraps": "error",
    "com.example.cart.CartTest.waits": "timed_out",
}
SHOP = CART | {
    "com.example.cart.FlakyTest.sometimes": "failed",
    "com.example.cart.FlakyTest.never": "failed",
    "com.example.cart.TableTest.odd[1: 2 is (odd)]": "failed",
    "com.example.cart.SetUpTest": "error",
}
BILL = {
    "com.example.bill.BillTest.many": "failed",
    "com.example.bill.BillTest.sums": "failed",
    "com.example.bill.BillTest.letters{String}[2]": "failed",
    "com.example.bill.BillTest.again{RepetitionInfo}[2]": "failed",
    "com.example.bill.BillTest.named": "failed",
    "com.example.bill.BillTest$WhenEmpty.isZero": "error",
    "com.example.bill.HookTest": "error",
}
DEPOT = {
    "com.example.depot.SetUpTest.open": "failed",
    "com.example.depot.DepotTest.sums": "failed",
    "com.example.depot.DepotTest.odd": "failed",
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("junit4", SHOP, id="junit 4"),
        pytest.param("junit5", BILL, id="junit 5"),
        pytest.param("testng", DEPOT, id="testng"),
        pytest.param("colour", BILL, id="colour"),
        pytest.param("ignored", {"com.example.bill.HookTest": "error"}, id="ignored"),
        pytest.param("passed", {}, id="passed"),
    ],
)
def test_failures_are_named_and_agree_with_surefires_own_counts(
    name: str, expected: dict[str, str]
) -> None:
    session = only(surefire, f"surefire/{name}")
    assert outcomes(session) == expected
    assert session.expected_failed == len(expected) == session.counts.bad
    assert all(result.message for result in session.failed)


def test_each_module_of_a_quiet_build_is_a_session() -> None:
    cart, bill, depot = sample(surefire, "surefire/reactor")
    assert outcomes(cart) == SHOP
    assert outcomes(bill) == BILL
    assert outcomes(depot) == DEPOT


def test_without_details_the_summary_names_the_failures() -> None:
    session = only(surefire, "surefire/plain")
    assert session.expected_failed == len(session.failed) == 10
    assert named(session, "CartTest.nothing").exception == "NullPointer"
    assert named(session, "CartTest.sums").message == "total expected:<3> but was:<2>"
    assert named(session, "CartTest.waits").outcome == "timed_out"


@pytest.mark.parametrize(
    ("test_id", "exception", "message", "line"),
    [
        pytest.param(
            "com.example.cart.CartTest.sums",
            "java.lang.AssertionError",
            "total expected:<3> but was:<2>",
            5,
            id="assertion",
        ),
        pytest.param(
            "com.example.cart.CartTest.adds",
            "java.lang.IllegalStateException",
            "cart is locked",
            6,
            id="message below its type",
        ),
        pytest.param(
            "com.example.cart.CartTest.wraps",
            "java.lang.RuntimeException",
            "wrapped",
            10,
            id="with a cause",
        ),
    ],
)
def test_reason_is_told(test_id: str, exception: str, message: str, line: int) -> None:
    result = named(only(surefire, "surefire/junit4"), test_id)
    assert (result.exception, result.message) == (exception, message)
    assert (result.frames[-1].path, result.frames[-1].line) == ("CartTest.java", line)


def test_rerun_tests_tell_their_attempts() -> None:
    session = only(surefire, "surefire/rerun")
    flaky = named(session, "com.example.cart.FlakyTest.sometimes")
    lost = named(session, "com.example.cart.FlakyTest.never")
    assert (flaky.outcome, flaky.attempts) == ("rerun", ("failed", "failed", "passed"))
    assert flaky.test_id in session.passed
    assert lost.attempts == ("failed",) * 3
    assert session.expected_failed == 1


def test_crash_of_the_fork_names_the_class() -> None:
    session = only(surefire, "surefire/crash")
    assert outcomes(session) == {"com.example.cart.ExitTest": "crashed"}
    assert session.problem
    assert session.problem.message.startswith("The forked VM terminated")


def test_no_tests_is_a_problem() -> None:
    problem = only(surefire, "surefire/none").problem
    assert problem
    assert problem.message.startswith("No tests were executed!")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "[ERROR] org.shop.CartTest.adds -- Time elapsed: 0.1 s <<< ERROR!",
            "org.shop.CartTest.adds",
            id="surefire 3",
        ),
        pytest.param(
            "[ERROR] org.shop.CartTest.adds(int)[2] -- Time elapsed: 0 s <<< FAILURE!",
            "org.shop.CartTest.adds(int)[2]",
            id="surefire 3, parameters",
        ),
        pytest.param(
            "[ERROR] org.shop.CartTest -- Time elapsed: 0.1 s <<< ERROR!",
            "org.shop.CartTest",
            id="surefire 3, whole class",
        ),
        pytest.param(
            "adds(org.shop.CartTest)  Time elapsed: 0.1 sec  <<< ERROR!",
            "org.shop.CartTest.adds",
            id="surefire 2.12",
        ),
        pytest.param(
            "[ERROR] a sum of (two)  Time elapsed: 0.1 s  <<< FAILURE!",
            "org.shop.CartTest.a sum of (two)",
            id="display name",
        ),
    ],
)
def test_every_age_of_surefire_is_understood(line: str, expected: str) -> None:
    head = "[ERROR] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0, "
    head += "Time elapsed: 0.2 s <<< FAILURE! - in org.shop.CartTest"
    (session,) = sessions(surefire, f"{head}\n{line}\njava.lang.Error: x\n".encode())
    assert [result.test_id for result in session.failed] == [expected]


def test_oldest_summary_is_understood() -> None:
    log = b""" T E S T S
Running org.shop.AllTests
Tests run: 3, Failures: 1, Errors: 1, Skipped: 0, Time elapsed: 1 sec <<< FAILURE!

Results :

Failed tests:   sums(org.shop.CartTest): expected:<3> but was:<2>

Tests in error:
  adds(org.shop.CartTest)

Tests run: 3, Failures: 1, Errors: 1, Skipped: 0
"""
    (session,) = sessions(surefire, log)
    assert outcomes(session) == {
        "org.shop.CartTest.sums": "failed",
        "org.shop.CartTest.adds": "error",
    }


@pytest.mark.parametrize(
    ("path", "failed"),
    [
        pytest.param(
            "bugswarm/github_data/build_system_testing/2372881152", 1, id="m5"
        ),
        pytest.param(
            "bugswarm/github_data/build_system_testing/6642948886", 6, id="testng"
        ),
        pytest.param("cidiff/data/breakages/nopol_1590/pass", 10, id="2.3"),
        pytest.param("cidiff/data/breakages/sorald_265/fail", 1, id="2.22"),
    ],
)
def test_counts_agree_on_logs_of_real_projects(path: str, failed: int) -> None:
    log = SHARED / f"{path}.log"
    if not log.exists():
        pytest.skip(f"there is no {log}")
    found = sessions(surefire, log.read_bytes())
    assert sum(len(session.failed) for session in found) == failed
    assert sum(session.expected_failed or 0 for session in found) == failed


@given(st.lists(st.integers(0, 300), max_size=40))
def test_any_part_of_a_log_is_read(cuts: list[int]) -> None:
    data = (DATA / "surefire/junit4.log").read_bytes()
    data += (DATA / "surefire/rerun.log").read_bytes()
    data += (DATA / "surefire/crash.log").read_bytes()
    check_sound(surefire, mangled(data, cuts))
