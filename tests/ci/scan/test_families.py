"""What is the same test, and the same job but for shard and machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.scan.families import canonical, family, spellings, without_shard


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Kernels Test 3", "kernels test", id="shard"),
        pytest.param("Kernels Test 2/4", "kernels test", id="shard of"),
        pytest.param("Kernels Test %N", "kernels test", id="parallel"),
        pytest.param("Kernels Test (H100)", "kernels test", id="hardware"),
        pytest.param("AMD: Kernels Test (MI300) 2", "kernels test", id="mirror"),
        pytest.param("mi325_1: Kernels Test", "kernels test", id="queue"),
        pytest.param(":docker: Kernels Test", "kernels test", id="picture"),
        pytest.param("CPU Kernels Test", "cpu kernels test", id="word of the name"),
        pytest.param("(H100)", "(H100)", id="nothing else"),
        pytest.param("7", "7", id="number"),
    ],
)
def test_a_family_is_the_job_without_shard_and_machine(
    name: str, expected: str
) -> None:
    assert family(name) == expected


def test_a_step_keeps_its_hardware() -> None:
    assert without_shard("Kernels Test (H100) 2") == "Kernels Test (H100)"


@given(st.text(max_size=80))
def test_any_name_has_a_family(name: str) -> None:
    assert family(name) or not name


@pytest.mark.parametrize(
    "test_id",
    [
        "a/test_b.py::c",
        "test/a/test_b.py::c",
        "tests/a/test_b.py::c",
        "./tests/a/test_b.py::c",
    ],
)
def test_the_folder_that_ids_are_relative_to_does_not_matter(test_id: str) -> None:
    assert canonical(test_id) == "a/test_b.py::c"


def test_the_longest_spelling_says_where_a_test_is() -> None:
    assert spellings(["a.py::t", "tests/a.py::t", "b.py::t"]) == {
        "a.py::t": "tests/a.py::t",
        "b.py::t": "b.py::t",
    }
