from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.functions import MAX_CHARS, lines_of

SOURCE = """\
import pytest


def helper():
    def test_one():
        return 1
    return test_one


@pytest.mark.parametrize("x", [1])
@pytest.mark.slow
def test_one(x):
    assert x
    # the last line


class TestLoader:
    async def test_one(self):
        assert True

    class TestInner:
        def test_two(self): ...


def test_again(): ...
def test_again():
    assert False
"""


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        pytest.param(["test_one"], (10, 13), id="decorators included"),
        pytest.param(["TestLoader", "test_one"], (18, 19), id="in a class"),
        pytest.param(["TestLoader", "TestInner", "test_two"], (22, 22), id="nested"),
        pytest.param(["TestLoader"], (17, 22), id="class"),
        pytest.param(["test_again"], (26, 27), id="the last one holds"),
        pytest.param(["test_three"], None, id="not there"),
        pytest.param(["TestLoader", "test_two"], None, id="not in that class"),
        pytest.param([], None, id="no name"),
    ],
)
def test_the_lines_of_a_test_are_found(
    names: list[str], lines: tuple[int, int] | None
) -> None:
    assert lines_of(SOURCE, names) == lines


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(:", id="no Python"),
        pytest.param("(" * 5000, id="deep"),
        pytest.param("a\0b", id="null byte"),
        pytest.param("-" * 100_000 + "1", id="deeper"),
        pytest.param(f"def f(): ...\n{'#' * MAX_CHARS}", id="huge"),
    ],
)
def test_a_source_that_cannot_be_read_says_nothing(source: str) -> None:
    assert lines_of(source, ["f"]) is None


@given(st.text(), st.lists(st.text(max_size=3), max_size=3))
def test_no_source_breaks_it(source: str, names: list[str]) -> None:
    lines_of(source, names)
