from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.toolsets.buildkite.analysis.tail import ROOM, log_tail

MARK = b"\x1b_bk;t=1783974785649\x07"


def whole(data: bytes, count: int = 100) -> tuple[str, ...]:
    return log_tail(data, count, True).lines  # noqa: FBT003 - the whole log


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        pytest.param(b"", (), id="nothing"),
        pytest.param(b"a\nb\n", ("a", "b"), id="lines"),
        pytest.param(MARK + b"a\r\n" + MARK + b"b", ("a", "b"), id="marks"),
        pytest.param(b"\x1b[31mred\x1b[0m\n", ("red",), id="colours"),
        pytest.param(b" 10%\r 50%\r100%\n", ("100%",), id="progress"),
    ],
)
def test_lines_are_those_that_a_terminal_would_show(
    data: bytes, lines: tuple[str, ...]
) -> None:
    assert whole(data) == lines


def test_only_so_many_of_the_last_lines_are_shown() -> None:
    data = b"".join(b"line %d\n" % n for n in range(50))
    found = log_tail(data, 3, True)  # noqa: FBT003 - the whole log
    assert found.lines == ("line 47", "line 48", "line 49")
    assert not found.whole


def test_the_line_that_the_end_of_a_log_begins_amid_is_left_out() -> None:
    found = log_tail(b"alf a line\nanother\n", 9, False)  # noqa: FBT003 - its end
    assert found.lines == ("another",)
    assert not found.whole


def test_the_last_lines_stay_where_all_do_not_fit() -> None:
    data = b"".join(b"%03d %s\n" % (n, b"x" * 200) for n in range(100))
    found = log_tail(data, 100, True)  # noqa: FBT003 - the whole log
    assert found.lines[-1].startswith("099")
    assert sum(map(len, found.lines)) <= ROOM
    assert not found.whole


def test_a_line_of_a_megabyte_is_shown_as_far_as_it_fits() -> None:
    (line,) = whole(b"x" * 1_000_000)
    assert 100 < len(line) < ROOM


@given(st.binary(max_size=300), st.integers(1, 9))
def test_any_bytes_are_shown_in_no_more_lines_than_asked(
    data: bytes, count: int
) -> None:
    assert len(whole(data, count)) <= count
    assert not log_tail(data, count, False).whole  # noqa: FBT003 - only its end
