from __future__ import annotations

import pytest

from sickbay.core.errors import BadRequest, NotFound
from sickbay.logs.sections.choice import chosen
from sickbay.logs.sections.model import Section

NAMES = [
    "Set up job",
    "Run tests (cpu)",
    "Run tests (cuda)",
    "7",
    "Post job",
    "Post job",
]
SECTIONS = [Section(name, index, index) for index, name in enumerate(NAMES, 1)]


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        pytest.param("Run tests (cuda)", 3, id="name"),
        pytest.param("set  UP job", 1, id="case and blanks do not matter"),
        pytest.param("cuda", 3, id="part of a name"),
        pytest.param("2", 2, id="number"),
        pytest.param("7", 4, id="a name comes before a number"),
        pytest.param("6", 6, id="number of one of two with one name"),
    ],
)
def test_a_section_is_found_by_name_or_number(wanted: str, number: int) -> None:
    assert chosen(SECTIONS, wanted).line_start == number


@pytest.mark.parametrize("wanted", ["run tests", "post job"])
def test_several_are_named_with_their_numbers(wanted: str) -> None:
    with pytest.raises(BadRequest, match="2 sections") as raised:
        chosen(SECTIONS, wanted)
    assert raised.value.hint.count(";") == 1


@pytest.mark.parametrize("wanted", ["9", "0", "run tets (cuda)", ""])
def test_an_unknown_one_is_told_with_the_nearest(wanted: str) -> None:
    with pytest.raises((NotFound, BadRequest)) as raised:
        chosen(SECTIONS, wanted)
    assert raised.value.hint
    if wanted == "run tets (cuda)":
        assert "nearest: 3 Run tests (cuda)" in raised.value.hint


def test_a_log_without_sections_says_so() -> None:
    with pytest.raises(NotFound, match="no sections"):
        chosen([], "1")
