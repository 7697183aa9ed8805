from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.stream import Stream, read_through
from tests.logs.streams import stream


@given(st.binary(max_size=400), st.lists(st.integers(0, 40), max_size=6))
def test_blocks_hold_every_line_under_its_number(data: bytes, cuts: list[int]) -> None:
    log = stream(data, cuts=cuts)
    number = 1
    for block in log:
        assert block.first == number
        number += block.text.count(b"\n") + (not block.text.endswith(b"\n"))
    assert log.log.lines.total == number - 1
    assert log.log.bytes == len(data)


def test_what_check_raises_ends_the_reading_after_a_block() -> None:
    asked: list[int] = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise KeyboardInterrupt

    blocks = iter(Stream([b"line\n" * 500_000], check=check))
    seen = len(next(blocks).text) + len(next(blocks).text)
    with pytest.raises(KeyboardInterrupt):
        next(blocks)
    assert 0 < seen < 1_000_000


def test_reading_through_tells_the_sections_and_keeps_no_lines() -> None:
    log = read_through(stream(b"##[group]build\nmake\n##[endgroup]\nend\n"))
    assert [section.name for section in log.sections] == ["build"]
    assert log.lines.total == 4
    assert len(log.lines) == 0
