from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sickbay.render.budget import dumped, finite, page, readable, size_of

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
JSON = st.recursive(
    SCALARS.filter(lambda value: not (isinstance(value, float) and math.isinf(value)))
    | st.text(max_size=200)
    | st.sampled_from(["long " * 99, "longer " * 500]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=6,
)
FRAMES = st.dictionaries(st.text(max_size=8).filter(lambda k: k != "items"), JSON)
BUDGETS = st.integers(300, 4_000)


def pages(document: dict[str, Any], items: str, budget: int) -> list[dict[str, Any]]:
    found, offset = [], 0
    while True:
        cut = page(document, items=items, offset=offset, budget_bytes=budget)
        found.append(cut.document)
        if cut.next_offset is None:
            return found
        assert cut.next_offset > offset
        offset = cut.next_offset


@given(FRAMES, st.lists(JSON, max_size=12), BUDGETS)
def test_the_pages_together_are_the_whole_list(
    frame: dict[str, Any], items: list[Any], budget: int
) -> None:
    document = {**frame, "items": items}
    assume(size_of({**frame, "items": []}) <= budget // 2)
    before = dumped(document)
    found = [item for one in pages(document, "items", budget) for item in one["items"]]
    assert len(found) == len(items)
    for item, wanted in zip(found, items, strict=True):
        assert item == wanted or size_of(wanted) >= budget // 2
    assert dumped(document) == before


@given(FRAMES, st.lists(JSON, max_size=12), BUDGETS)
def test_a_page_fits_or_holds_one_item(
    frame: dict[str, Any], items: list[Any], budget: int
) -> None:
    document = {**frame, "items": items}
    bare = size_of(page(document, items="items", offset=0, budget_bytes=1).document)
    for one in pages(document, "items", budget):
        assert json.loads(dumped(one)).keys() == document.keys()
        assert size_of(one) <= max(budget, 2 * bare) or len(one["items"]) <= 1


@given(JSON, BUDGETS)
def test_a_document_without_pages_keeps_its_keys(data: Any, budget: int) -> None:  # noqa: ANN401 - any JSON
    cut = page({"a": data, "b": 1}, items=None, offset=0, budget_bytes=budget)
    assert cut.document.keys() == {"a", "b"}
    assert cut.next_offset is None
    assert cut.clipped == (cut.document != {"a": data, "b": 1})


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("x" * 1_000_000, id="long-text"),
        pytest.param(["y" * 500] * 1_000, id="many-texts"),
        pytest.param(list(range(100_000)), id="many-numbers"),
        pytest.param({str(n): n for n in range(10_000)}, id="many-keys"),
        pytest.param([{"a": ["b" * 99] * 99}] * 99, id="deep"),
        pytest.param("é" * 100_000, id="two-bytes-each"),
        pytest.param("\ud800" * 9_000, id="half-characters"),
    ],
)
@pytest.mark.parametrize("items", [None, "items"])
def test_whatever_is_too_large_is_cut_to_size(data: object, items: str | None) -> None:
    document = {"items": ["one", "two"], "data": data}
    cut = page(document, items=items, offset=0, budget_bytes=8_000)
    assert cut.clipped
    assert size_of(cut.document) <= 8_000
    assert cut.document["items"] == ["one", "two"]


def test_what_is_left_of_a_list_keeps_its_names_whole() -> None:
    names = [f"/logs/{'of-a-long-name/' * 6}{number}.log" for number in range(300)]
    cut = page({"counts": names}, items=None, offset=0, budget_bytes=4_000)
    assert cut.clipped
    assert cut.document["counts"] == names[: len(cut.document["counts"])]
    assert len(cut.document["counts"]) >= 20


def test_an_item_larger_than_a_page_is_given_alone_and_cut() -> None:
    document = {"items": ["small", "x" * 9_000, "small"]}
    cut = page(document, items="items", offset=1, budget_bytes=1_000)
    [item] = cut.document["items"]
    assert item.endswith("… [8,500 more characters]")
    assert (cut.next_offset, cut.clipped) == (2, True)


def test_items_may_lie_deep() -> None:
    document = {"a": {"b": {"items": list(range(500))}, "c": 1}}
    cut = page(document, items="a.b.items", offset=0, budget_bytes=500)
    assert cut.document["a"]["c"] == 1
    assert cut.document["a"]["b"]["items"] == list(range(cut.next_offset or 0))


def test_a_page_past_the_end_is_empty() -> None:
    cut = page({"items": [1]}, items="items", offset=9, budget_bytes=500)
    assert (cut.document, cut.next_offset) == ({"items": []}, None)


@pytest.mark.parametrize("offset", [0, 1])
def test_numbers_that_json_does_not_know_become_null(offset: int) -> None:
    document = {"items": [1.5, math.nan, -math.inf], "rate": math.inf}
    cut = page(document, items="items", offset=offset, budget_bytes=900)
    assert cut.document == {"items": [1.5, None, None][offset:], "rate": None}


def test_such_numbers_are_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumped([math.nan])
    assert finite({"a": [math.nan, 1]}) == {"a": [None, 1]}


def test_a_readable_document_has_a_line_for_each_value() -> None:
    assert readable({"a": [1, "é"]}).splitlines() == [
        "{",
        ' "a": [',
        "  1,",
        '  "é"',
        " ]",
        "}",
    ]
