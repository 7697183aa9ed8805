from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.needle import needle
from sickbay.logs.stretch import Stretch, stretches
from tests.logs.streams import stream

START, END = needle("^begin"), needle("end$")
LINES = st.lists(
    st.sampled_from(["", "begin", "the end", "begin end", "x"]), max_size=40
)


def expected(lines: list[str], *, with_end: bool, most: int) -> list[Stretch]:
    found: list[list[int]] = []
    open_ = False
    for number, line in enumerate(lines, 1):
        if not open_ or (not with_end and line.startswith("begin")):
            open_ = line.startswith("begin")
            if open_:
                found.append([number])
            continue
        found[-1].append(number)
        open_ = not (with_end and line.endswith("end"))
    cut = []
    for index, numbers in enumerate(found):
        texts = tuple(lines[number - 1] for number in numbers)
        unended = with_end and open_ and index == len(found) - 1
        left_out = max(len(texts) - most, 0)
        cut.append(
            Stretch(numbers[0], numbers[-1], texts[:most], left_out, not unended)
        )
    return cut


@given(
    LINES,
    st.booleans(),
    st.booleans(),
    st.integers(0, 5),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_stretches_are_cut_where_they_begin_and_end(
    lines: list[str],
    ended: bool,  # noqa: FBT001 - drawn
    with_end: bool,  # noqa: FBT001 - drawn
    most: int,
    cuts: list[int],
) -> None:
    data = ("\n".join(lines) + ("\n" if ended else "")).encode()
    split = data.decode().removesuffix("\n").split("\n") if data else []
    end = END if with_end else None
    found = stretches(stream(data, cuts=cuts), START, end, max_lines=most)
    assert list(found.stretches) == expected(split, with_end=with_end, most=most)
    assert found.count == len(found.stretches)


def test_what_there_is_no_room_for_is_counted() -> None:
    log = b"begin\nx\nthe end\n" * 100
    found = stretches(stream(log), START, END, room=1000)
    assert found.count == 100
    assert 0 < len(found.stretches) < 20
