from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs import known
from sickbay.logs.known import Known
from sickbay.logs.masks import mask

PARTS = st.sampled_from(
    [
        *("0x", "0X1f", "HTTP/1.1 404", "exit code 12", "v1.2.3", "12:34:56", " ", "9"),
        *("2024-01-02", ":", ".", "/tmp/a1", "abc", "deadbeef12", "line 9", "1.5", "="),  # noqa: S108 - text, not a file
        *("3 MB", "\xff", "12,345", "Xid (PCI:0): 79", "Jan 12", "x", "file.py:12"),
        *("\u00e9", "error 12", "%", "-", "0", "(", ")", "e5", "77"),
    ]
)
LINE = st.lists(PARTS, max_size=10).map("".join)
DIGITS = st.lists(st.sampled_from("0123456789"), min_size=40, max_size=40)


def with_digits(line: str, digits: list[str]) -> str:
    """The line with these digits instead of its own."""
    more = iter(digits)
    return "".join(next(more, "7") if c in "0123456789" else c for c in line)


@given(LINE, DIGITS)
def test_lines_are_the_same_exactly_if_their_masks_are(
    line: str, digits: list[str]
) -> None:
    other = with_digits(line, digits)
    passed = Known()
    passed.add([line.encode()])
    (status,), _ = passed.compared([other.encode()])
    same = mask(line) == mask(other) or not mask(other).strip()
    assert (status == "same") is same


@pytest.mark.parametrize(
    ("passed", "failed", "status"),
    [
        ("took 12 s at 0x7f01", "took 340 s at 0x9a", "same"),
        ("make: exit code 10", "make: exit code 12", "changed"),
        ("GET /a HTTP/1.1 200 15", "GET /a HTTP/1.1 404 99", "changed"),
        ("torch 2.1.0", "torch 2.1.1", "changed"),
        ("all well", "all lost", "new"),
        ("", "   ", "same"),
    ],
)
def test_status_of_a_line(passed: str, failed: str, status: str) -> None:
    memory = Known()
    memory.add([passed.encode()])
    assert memory.compared([failed.encode()])[0] == [status]


def test_line_with_a_thousand_digits_is_told_from_another() -> None:
    line = " ".join(["v1.2.3"] * 500)
    passed = Known()
    passed.add([line.encode()])
    other = line[:-1] + "4"
    assert passed.compared([line.encode(), other.encode()])[0] == ["same", "changed"]


def test_each_line_that_is_the_same_uses_one_up() -> None:
    passed = Known()
    passed.add([b"again", b"again"])
    assert passed.compared([b"again"] * 3)[0] == ["same", "same", "more"]


def test_of_too_many_different_lines_it_says_how_many_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known, "MAX_DIFFERENT", 3)
    monkeypatch.setattr(known, "_MAX_SHAPES", 3)
    passed = Known()
    for number in range(5):
        passed.add([b"line " + b"x" * number])
    assert passed.forgotten == 2
    assert passed.compared([b"line "])[0] == ["same"]


@given(st.lists(st.binary(max_size=50), max_size=6))
def test_any_bytes_are_taken(lines: list[bytes]) -> None:
    passed = Known()
    passed.add([line.replace(b"\n", b"") for line in lines])
    statuses, loud = passed.compared([line.replace(b"\n", b"") for line in lines])
    assert set(statuses) <= {"same"}
    assert len(loud) == len(lines)
