from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.excerpt import Line, between, shown, tail
from tests.logs.streams import stream

LINES = st.lists(st.sampled_from([b"", b"one", b"two words", b"x" * 40]), max_size=30)


@given(LINES, st.booleans(), st.integers(1, 35), st.integers(1, 35))
def test_lines_come_with_their_raw_numbers(
    lines: list[bytes],
    ended: bool,  # noqa: FBT001 - drawn
    first: int,
    count: int,
) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    split = data.removesuffix(b"\n").split(b"\n") if data else []
    numbered = [Line(n, raw.decode()) for n, raw in enumerate(split, 1)]
    last = first + count - 1
    found = between(stream(data), first, last)
    assert list(found.lines) == numbered[first - 1 : last]
    assert list(tail(stream(data), count).lines) == numbered[-count:]
    assert found.left_out == tail(stream(data), count).left_out == 0


@given(LINES, st.integers(1, 35), st.integers(0, 400))
def test_lines_that_there_is_no_room_for_are_counted(
    lines: list[bytes], count: int, room: int
) -> None:
    data = b"".join(line + b"\n" for line in lines)
    whole, some = between(stream(data), 1, 99), between(stream(data), 1, 99, room=room)
    assert some.lines == whole.lines[: len(some.lines)]
    assert some.left_out == len(lines) - len(some.lines)
    end = tail(stream(data), count, room=room)
    assert end.lines == whole.lines[len(lines) - len(end.lines) :]
    assert end.left_out + len(end.lines) == min(count, len(lines))


def test_a_long_line_is_shown_around_the_place() -> None:
    raw = b"a" * 1000 + b"HERE" + b"b" * 1000
    text = shown(raw, 100, 1000)
    assert "HERE" in text
    assert text.startswith("…")
    assert text.endswith("…")
    assert shown(raw, 100) == "a" * 100 + "…"
    assert shown(raw, 100, len(raw) - 1) == "…" + "b" * 100


@given(st.text(max_size=60), st.integers(4, 30), st.integers(0, 80))
def test_no_character_is_cut_in_two(text: str, limit: int, at: int) -> None:
    raw = text.encode("utf-8", "ignore")
    part = shown(raw, limit, min(at, max(len(raw) - 1, 0)))
    assert part.strip("…") in raw.decode()
    assert len(part.encode()) <= limit + 3 + 2 * len("…".encode())


def test_bytes_that_are_no_text_are_cut_all_the_same() -> None:
    assert shown(b"\x80" * 100, 10) == "\ufffd" * 10 + "…"
