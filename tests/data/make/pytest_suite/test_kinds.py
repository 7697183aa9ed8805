"""Every way in which a test can end badly, with ids that are hard to read."""

import os
import subprocess
import sys
import unittest

import pytest

IDS = ["a b", "x[0]-y", "m::n", "w - z", "\u00e9\u6f22", "", "k-[1, 2] - [3]", "a\nb", "FAILED t.py::y - no"]


@pytest.mark.parametrize("p", IDS)
def test_ids(p):
    assert p == "never", f"mismatch for {p!r}"


class TestOuter:
    class TestInner:
        def test_deep(self):
            raise KeyError("it's 'quoted'")

    def test_bare(self):
        raise ValueError

    def test_lines(self):
        raise RuntimeError("first\nsecond - dash\nFAILED fake.py::not_a_test - nope")

    def test_chain(self):
        try:
            os.stat("/nowhere/at/all")
        except OSError as error:
            raise LookupError("cannot find it - at all") from error


def _help(value):
    if value:
        raise ConnectionError("refused by helper")


def test_called():
    _help(1)


class TestOld(unittest.TestCase):
    def test_lists(self):
        self.assertEqual([1, 2, 3], [1, 2, 4])


@pytest.fixture
def bad_setup():
    raise ConnectionRefusedError("connection refused to 127.0.0.1:6379")


@pytest.fixture
def bad_teardown():
    yield
    raise TimeoutError("teardown timed out")


def test_setup(bad_setup):
    pass


def test_teardown(bad_teardown):
    pass


def test_both(bad_teardown):
    assert 1 == 2


def test_unknown_fixture(nonesuch):
    pass


@pytest.mark.xfail(strict=True)
def test_strict():
    pass


@pytest.mark.xfail
def test_expected():
    assert False


def test_fail():
    pytest.fail("a reason without a class")


def test_fail_short():
    pytest.fail("no trace", pytrace=False)


def test_exit():
    sys.exit(3)


@pytest.mark.skip(reason="FAILED nowhere::else (here)")
def test_skip():
    pass


def test_noise():
    print("FAILED tests/other.py::test_inner - AssertionError: printed")
    print("E   RuntimeError: printed")
    print("=== 7 failed in 0.10s ===")


def test_nested_passes(tmp_path):
    (tmp_path / "test_inner.py").write_text("def test_in(): assert 0\n")
    subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_inner.py"], cwd=tmp_path)


def test_nested_fails(tmp_path):
    (tmp_path / "test_inner.py").write_text("def test_in(): assert 0\ndef test_two(): pass\n")
    subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-v", "test_inner.py"], cwd=tmp_path)
    assert 0, "after the inner session"


def test_good():
    pass
