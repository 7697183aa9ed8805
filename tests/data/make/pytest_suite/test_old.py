import pytest


@pytest.mark.parametrize("p", ["a b", "x - y"])
def test_ids(p):
    assert p == "never", "mismatch"


class TestClass(object):
    def test_method(self):
        raise ValueError("old - but gold")


@pytest.fixture
def bad():
    raise OSError("no setup")


def test_setup(bad):
    pass


def test_good():
    pass
