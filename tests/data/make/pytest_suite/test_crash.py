import os


def test_before():
    assert 0, "failed before the crash"


def test_dies():
    os.abort()


def test_after():
    assert 0, "failed after the crash"
