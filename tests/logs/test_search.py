from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.needle import needle
from sickbay.logs.search import Match, search
from tests.logs.streams import stream

LINES = st.lists(st.sampled_from([b"", b"hit", b"a hit here", b"none"]), max_size=40)


def expected(lines: list[bytes], context: int) -> list[Match]:
    hits = [n for n, line in enumerate(lines) if b"hit" in line]
    matches = []
    shown_to = -1
    for index, n in enumerate(hits):
        next_hit = hits[index + 1] if index + 1 < len(hits) else len(lines)
        before = range(max(n - context, shown_to + 1, 0), n)
        after = range(n + 1, min(n + 1 + context, next_hit))
        shown_to = after[-1] if after else n
        matches.append(
            Match(
                n + 1,
                lines[n].decode(),
                tuple(lines[k].decode() for k in before),
                tuple(lines[k].decode() for k in after),
            )
        )
    return matches


@given(
    LINES, st.booleans(), st.integers(0, 4), st.lists(st.integers(0, 30), max_size=5)
)
def test_matches_come_with_the_lines_around_them_once(
    lines: list[bytes],
    ended: bool,  # noqa: FBT001 - drawn
    context: int,
    cuts: list[int],
) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    split = data.removesuffix(b"\n").split(b"\n") if data else []
    found = search(stream(data, cuts=cuts), needle("hit"), context_lines=context)
    assert list(found.matches) == expected(split, context)
    assert found.count == len(found.matches)


@given(LINES, st.integers(0, 600), st.integers(0, 3))
def test_what_there_is_no_room_for_is_counted(
    lines: list[bytes], room: int, context: int
) -> None:
    data = b"\n".join(lines) + b"\n"
    everything = search(stream(data), needle("hit"), context_lines=context)
    some = search(stream(data), needle("hit"), context_lines=context, room=room)
    assert some.count == everything.count
    assert some.matches == everything.matches[: len(some.matches)]


def test_memory_stays_bounded_when_every_line_matches() -> None:
    data = b"hit " * 50 + b"\n"
    found = search(stream(data * 5000), needle("hit"), room=50_000)
    assert found.count == 5000
    assert sum(len(match.text) for match in found.matches) < 60_000


def test_a_match_far_in_a_long_line_is_seen() -> None:
    found = search(
        stream(b"x" * 300_000 + b"NEEDLE" + b"y" * 300_000), needle("NEEDLE")
    )
    assert "NEEDLE" in found.matches[0].text
    assert len(found.matches[0].text) < 510


def test_a_match_is_on_what_the_line_shows() -> None:
    data = b"2026-11-21T10:00:00.0000000Z \x1b[31mfatal\x1b[0m: x\n" * 3
    found = search(stream(data), needle("^fatal: x$"))
    assert [match.line_number for match in found.matches] == [1, 2, 3]
