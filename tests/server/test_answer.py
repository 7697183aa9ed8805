from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import jsonschema  # type: ignore[import-untyped] # ships no types
import pytest
from anyio import CapacityLimiter

from sickbay.core.errors import BadRequest
from sickbay.core.redact import Redactor
from sickbay.core.results import Change, Coverage, Failure, Listing, Result, Skipped
from sickbay.core.tool import Call, Tool, tool
from sickbay.server.answer import ECHO, Answers, Finish
from sickbay.server.call import RunningCall

KEPT: list[str] = []
HUSH = "the-known-secret"


def keep(_name: str, text: str) -> str:
    KEPT.append(text)
    return "log:0123456789ab"


@dataclass(frozen=True, kw_only=True)
class Rows(Listing):
    rows: tuple[str, ...] = ()
    rate: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Nested(Listing):
    table: Rows = Rows()


@dataclass(frozen=True, kw_only=True)
class Turned(Nested):
    others: tuple[str, ...] = ()

    @property
    def paged(self) -> str:
        return "others"


@tool(items="rows", untrusted=("rows",), budget_bytes=2_000)
def listing(_source: Any, _call: Call) -> Rows:  # noqa: ANN401 - any
    """List rows."""
    return Rows()


@tool(items="table.rows")
def nested(_source: Any, _call: Call) -> Nested:  # noqa: ANN401 - any
    """List rows of a table."""
    return Nested()


@tool()
def change(_source: Any, _call: Call) -> Change:  # noqa: ANN401 - any
    """Change nothing."""
    return Change()


def answers(declared: Tool, kind: type[Result], **how: Any) -> Answers:  # noqa: ANN401 - see Answers
    KEPT.clear()
    return Answers(
        name="x_tool",
        tool=declared,
        result_type=kind,
        arguments=how.get("arguments", ("which", "cursor")),
        secret=how.get("secret", frozenset()),
        finish=Finish(Redactor([HUSH]), keep),
    )


def answer(
    made: Answers,
    result: Result,
    *,
    offset: int = 0,
    **given: Any,  # noqa: ANN401 - any JSON
) -> tuple[dict[str, Any], list[Any]]:
    async def run() -> Any:  # noqa: ANN401 - fastmcp's
        call = RunningCall(None, CapacityLimiter(1))
        return await made.made(result, given, call=call, offset=offset)

    found = asyncio.run(run())
    document: dict[str, Any] = found.structured_content
    jsonschema.validate(document, made.schema())
    return document, found.content


MANY = Rows(rows=tuple(f"row {number}" for number in range(500)))
LISTING = answers(listing, Rows)
NESTED = answers(nested, Nested)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        pytest.param(Rows(rows=("a",)), "ok", id="some"),
        pytest.param(Rows(), "empty", id="none"),
        pytest.param(
            Rows(rows=("a",), coverage=Coverage(1, 2, (Skipped("b", "locked"),))),
            "partial",
            id="skipped",
        ),
        pytest.param(
            Rows(coverage=Coverage(0, 1, (Skipped("b", "locked"),))),
            "partial",
            id="none-where-it-looked",
        ),
        pytest.param(Rows(outcome="unknown"), "unknown", id="as-it-says"),
        pytest.param(
            Rows(outcome="error", error=Failure("denied", "no")), "error", id="failed"
        ),
    ],
)
def test_how_it_went_follows_from_what_there_is(result: Result, outcome: str) -> None:
    document, _ = answer(LISTING, result)
    assert document["outcome"] == outcome


def test_the_keys_are_the_same_however_it_went() -> None:
    results: list[Result] = [MANY, Rows(), LISTING.failed(outcome="error")]
    keys = [tuple(answer(LISTING, result)[0]) for result in results]
    assert len(set(keys)) == 1
    assert keys[0][0] == "outcome"
    assert keys[0][-3:] == ("coverage", "next_cursor", "error")


def test_pages_lead_from_one_to_the_next_and_say_so() -> None:
    rows: list[str] = []
    cursor: str | None = None
    pages = 0
    while cursor is not None or not pages:
        offset = LISTING.offset({"which": "a", "cursor": cursor})
        document, content = answer(LISTING, MANY, offset=offset, which="a")
        assert len(content[0].text.encode()) <= 2_000
        rows += document["rows"]
        cursor, pages = document["next_cursor"], pages + 1
    assert tuple(rows) == MANY.rows
    assert pages > 2


def test_an_empty_cursor_asks_for_the_first_page() -> None:
    assert LISTING.offset({"which": "a", "cursor": ""}) == 0


def test_a_cursor_belongs_to_the_arguments_that_it_was_given_for() -> None:
    document, _ = answer(LISTING, MANY, which="a")
    with pytest.raises(BadRequest, match="other arguments"):
        LISTING.offset({"which": "b", "cursor": document["next_cursor"]})


def test_a_result_may_say_which_of_its_lists_comes_in_pages() -> None:
    document, _ = answer(answers(nested, Turned), Turned(others=MANY.rows * 9))
    assert document["next_cursor"]
    assert document["outcome"] == "ok"
    assert document["others"] == list(MANY.rows * 9)[: len(document["others"])]
    assert document["whole"] is None


def test_a_list_deep_in_the_result_is_given_in_pages_too() -> None:
    document, _ = answer(NESTED, Nested(table=MANY))
    assert document["outcome"] == "ok"
    document, _ = answer(NESTED, Nested())
    assert document["outcome"] == "empty"


def test_what_had_to_be_cut_is_kept_whole() -> None:
    document, content = answer(LISTING, Rows(rows=("x" * 9_000,)))
    assert document["whole"] == "log:0123456789ab"
    assert json.loads(KEPT[-1])["rows"] == ["x" * 9_000]
    [link] = [block for block in content if block.type == "resource_link"]
    assert str(link.uri).startswith("sickbay://logs/0123456789ab")


@pytest.mark.parametrize(
    ("value", "echo"),
    [
        pytest.param("short", "short", id="text"),
        pytest.param("x" * 1_200, "x" * ECHO + "… [1,000 more characters]", id="long"),
        pytest.param(("a", "b"), ["a", "b"], id="tuple"),
        pytest.param(["y" * 90] * 9, ["y" * 90] * 2 + ["… [7 more]"], id="list"),
        pytest.param({"k" * 99: 1, "l" * 99: 2}, "[2 entries]", id="mapping"),
        pytest.param({"k": [1]}, {"k": [1]}, id="small-mapping"),
        pytest.param(float("nan"), None, id="no-number"),
        pytest.param([float("inf")], [None], id="no-number-in-a-list"),
        pytest.param("a\u202eb\0", "ab", id="unseen"),
        pytest.param(f"with {HUSH}", "with [redacted]", id="secret"),
        pytest.param(
            "z" * 195 + HUSH,
            "z" * 195 + "[reda… [11 more characters]",
            id="secret-on-the-border",
        ),
    ],
)
def test_an_argument_is_repeated_as_far_as_it_goes(value: object, echo: object) -> None:
    document, _ = answer(LISTING, Rows(), which=value)
    assert document["which"] == echo


def test_a_secret_argument_is_not_repeated() -> None:
    made = answers(listing, Rows, secret=frozenset({"which"}))
    document, content = answer(made, Rows(), which="4711")
    assert document["which"] == "[secret]"
    assert "4711" not in content[0].text


def test_numbers_that_json_does_not_know_are_null() -> None:
    async def run() -> Any:  # noqa: ANN401 - fastmcp's
        call = RunningCall(None, CapacityLimiter(1))
        return await LISTING.made(Rows(rate=float("nan")), {}, call=call)

    found = asyncio.run(run())
    assert found.structured_content["rate"] is None
    assert json.loads(found.content[0].text) == found.structured_content


def test_a_change_that_needs_consent_says_so_before_anything_else() -> None:
    made = answers(change, Change)
    said = "CONFIRMATION REQUIRED: really?"
    result = Change(outcome="confirmation_required", message=said)
    _, content = answer(made, result)
    assert content[0].text == said
    assert json.loads(content[1].text)["message"] == said
