SEEN = []


def test_second_time():
    SEEN.append(1)
    assert len(SEEN) > 1, "first time fails"


def test_never():
    assert False, "always"


def test_good():
    pass
