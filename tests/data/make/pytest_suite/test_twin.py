def test_called():
    raise ConnectionError("the twin's own")


def test_good():
    pass
