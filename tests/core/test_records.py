from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, astuple, field, fields, replace

import pytest

from sickbay.core.records import dataclass


@dataclass(frozen=True, slots=True)
class Bed:
    """A frozen one."""

    ward: str
    number: int = 1
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Chart:
    bed: Bed
    seen: int = 0


def test_arguments_and_defaults_are_as_in_dataclasses() -> None:
    assert Bed("a", notes=["x"]) == Bed("a", 1, ["x"])
    assert Bed("a").notes is not Bed("a").notes
    with pytest.raises(TypeError):
        Bed()  # type: ignore[call-arg] # this is the test


def test_equal_values_are_equal_only_within_one_class() -> None:
    assert Bed("a") != Bed("b")
    assert Chart(Bed("a")) == Chart(Bed("a"))
    assert (Bed("a") == Chart(Bed("a"))) is False  # type: ignore[comparison-overlap] # this is the test


def test_a_frozen_one_cannot_be_changed() -> None:
    bed = Bed("a")
    with pytest.raises(FrozenInstanceError):
        bed.ward = "b"  # type: ignore[misc] # this is the test
    with pytest.raises(FrozenInstanceError):
        del bed.ward
    assert bed.ward == "a"


def test_another_one_can_and_has_no_hash() -> None:
    chart = Chart(Bed("a"))
    chart.seen += 1
    assert chart.seen == 1
    with pytest.raises(TypeError):
        hash(chart)


def test_there_is_no_room_for_other_attributes() -> None:
    with pytest.raises(AttributeError):
        Chart(Bed("a")).other = 1  # type: ignore[attr-defined] # this is the test


def test_equal_frozen_ones_have_one_hash() -> None:
    assert len({Bed("a", 1, ()), Bed("a", 1, ())}) == 1  # type: ignore[arg-type] # hashable


def test_the_tools_of_dataclasses_take_them() -> None:
    chart = Chart(Bed("a"), 2)
    assert asdict(chart) == {
        "bed": {"ward": "a", "number": 1, "notes": []},
        "seen": 2,
    }
    assert astuple(chart) == (("a", 1, []), 2)
    assert replace(chart.bed, ward="b") == Bed("b")
    assert [one.name for one in fields(Chart)] == ["bed", "seen"]


def test_they_are_shown_copied_and_pickled() -> None:
    chart = Chart(Bed("a"))
    assert repr(chart) == "Chart(bed=Bed(ward='a', number=1, notes=[]), seen=0)"
    assert copy.deepcopy(chart) == chart
    assert pickle.loads(pickle.dumps(chart)) == chart  # noqa: S301 - our own bytes


def test_they_can_be_taken_apart_by_match() -> None:
    match Bed("a", 7):
        case Bed(ward, number):
            assert (ward, number) == ("a", 7)
