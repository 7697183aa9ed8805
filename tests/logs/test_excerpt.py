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
    assert list(between(stream(data), first, last)) == numbered[first - 1 : last]
    assert tail(stream(data), count) == numbered[-count:]


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
