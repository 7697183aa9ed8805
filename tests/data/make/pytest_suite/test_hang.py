import time


def test_before():
    assert 0, "failed before the hang"


def test_hang():
    time.sleep(60)


def test_after():
    pass
