from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.hud import convert, wire
from sickbay.clients.tolerant import CutError, Read, Tolerant, json_of
from sickbay.core.errors import Malformed

PAGE = Tolerant(wire.Page)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["2026-03-08T12:30:00Z", "success", "a\ud800b", "12"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
CELLS = st.dictionaries(
    st.sampled_from([f.encode_name for f in msgspec.structs.fields(wire.Cell)]), VALUES
)
COMMITS = st.dictionaries(
    st.sampled_from([f.encode_name for f in msgspec.structs.fields(wire.Commit)]),
    VALUES | st.lists(CELLS | VALUES, max_size=4),
)
PAGES = st.fixed_dictionaries(
    {},
    optional={
        "shaGrid": st.lists(COMMITS | VALUES, max_size=3) | VALUES,
        "jobNames": st.lists(st.text() | VALUES, max_size=4) | VALUES,
    },
)


@given(PAGES | VALUES)
def test_any_json_is_a_page_or_malformed(data: object) -> None:
    try:
        read = PAGE(json.dumps(data).encode())
    except Malformed:
        return
    for commit in read.value.sha_grid or ():
        if commit:
            convert.row(commit, read.value.job_names, repo="a/b", usual="a/b")


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_malformed(body: bytes) -> None:
    try:
        json_of(body)
    except Malformed:
        pass
    else:
        assert json.loads(body.decode(errors="replace")) is not ...


def page(**cell: object) -> Read[wire.Page]:
    job = {"id": 1, "conclusion": "success"}
    return PAGE(
        json.dumps(
            {
                "shaGrid": [{"sha": "a", "jobs": [job, {**job, **cell}, {}]}],
                "jobNames": ["x", "y", "z"],
                "unheardOf": {"deep": [1]},
            }
        ).encode()
    )


def cells(read: Read[wire.Page]) -> list[wire.Cell | None]:
    commit = (read.value.sha_grid or [None])[0]
    assert commit is not None
    assert commit.jobs is not None
    return commit.jobs


def test_missing_unknown_and_null_fields_are_nothing_special() -> None:
    read = page(runnerName=None, neverSeen=1)
    assert (read.unreadable, len(cells(read))) == (0, 3)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param({"durationS": "soon"}, id="text for a number"),
        pytest.param({"failureLines": "a line"}, id="text for a list"),
        pytest.param({"time": ""}, id="empty time"),
        pytest.param({"htmlUrl": {"href": "x"}}, id="object for a text"),
    ],
)
def test_a_field_of_another_type_is_left_out_and_the_job_stays(
    cell: dict[str, object],
) -> None:
    read = page(**cell)
    assert read.unreadable == 1
    odd = cells(read)[1]
    assert odd is not None
    assert (odd.id, odd.conclusion) == (1, "success")


def test_numbers_may_be_written_as_text() -> None:
    read = page(id="38395973328", durationS="12.5")
    odd = cells(read)[1]
    assert odd is not None
    assert (read.unreadable, odd.id, odd.duration_s) == (0, 38395973328, 12.5)


def test_a_cell_that_is_none_keeps_the_places_of_the_others() -> None:
    body = b"""{"shaGrid": [{"sha": "a", "jobs": [7, {"id": 2}]}],
        "jobNames": ["x", "y"]}"""
    read = PAGE(body)
    assert read.unreadable == 1
    commit = (read.value.sha_grid or [None])[0]
    assert commit is not None
    assert list(
        convert.row(commit, read.value.job_names, repo="a/b", usual="a/b").jobs
    ) == ["y"]


def test_half_a_character_does_not_cost_the_page() -> None:
    body = b'{"jobNames": ["a \\ud83d", "\xff"]}'
    assert PAGE(body).value.job_names == ["a ?", "\ufffd"]


@pytest.mark.parametrize("body", [b"", b"[", b'{"shaGrid": [{"sha": "a'])
def test_data_that_ends_early_is_told_from_data_that_is_wrong(body: bytes) -> None:
    with pytest.raises(CutError):
        PAGE(body)
    with pytest.raises(Malformed) as wrong:
        PAGE(b"<html>" + body)
    assert not isinstance(wrong.value, CutError)


def test_endless_nesting_is_malformed() -> None:
    with pytest.raises(Malformed):
        json_of(b"[" * 100_000 + b"]" * 100_000)
