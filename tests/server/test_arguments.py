from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.core.tool import Identifier, Secret
from sickbay.server.arguments import Arguments


def tool(  # noqa: PLR0913 - every kind of argument
    *,
    job_id: Annotated[str, Identifier(), "which job"],
    count: Annotated[int, Ge(0), Le(20), "how many"] = 3,
    share: Annotated[float, "how much"] = 0.5,
    deep: Annotated[bool, "all the way down"] = False,
    mode: Annotated[Literal["short", "long"], "how"] = "short",
    names: Annotated[list[str] | None, "of whom"] = None,
    numbers: Annotated[tuple[int, ...], "which"] = (),
    words: Annotated[dict[str, str] | None, "by name"] = None,
    pin: Annotated[str | None, Secret(), "of the card"] = None,
    note: str = "",
) -> None:
    """Take everything."""


ARGUMENTS = Arguments(tool)


def taken(**given: Any) -> Any:  # noqa: ANN401 - whatever the argument is
    name = next(iter(given))
    return ARGUMENTS.validated({"job_id": "1", **given})[name]


@pytest.mark.parametrize(
    ("name", "value", "meaning"),
    [
        pytest.param("job_id", 17, "17", id="a-number-for-an-id"),
        pytest.param("job_id", "017", "017", id="an-id-as-it-was-written"),
        pytest.param("count", "7", 7, id="a-text-for-a-number"),
        pytest.param("count", 7.0, 7, id="a-whole-float-for-a-number"),
        pytest.param("share", "0.25", 0.25, id="a-text-for-a-float"),
        pytest.param("share", 1, 1.0, id="a-number-for-a-float"),
        pytest.param("deep", "true", True, id="a-text-for-a-truth"),
        pytest.param("deep", 0, False, id="a-number-for-a-truth"),
        pytest.param("names", "Ann", ["Ann"], id="one-for-a-list"),
        pytest.param("numbers", 4, (4,), id="one-number-for-a-list"),
        pytest.param("names", '["Ann", "Bo"]', ["Ann", "Bo"], id="a-list-as-json"),
        pytest.param("names", "[Ann", ["[Ann"], id="one-that-looks-like-json"),
        pytest.param("names", "[" * 9_000, ["[" * 9_000], id="deep-brackets"),
        pytest.param("names", None, None, id="nothing-for-a-list"),
        pytest.param("numbers", "4", (4,), id="one-for-a-tuple"),
        pytest.param("numbers", ["4", 5], (4, 5), id="texts-for-numbers-in-a-list"),
        pytest.param("words", {"a": 1}, {"a": "1"}, id="a-number-for-a-text-inside"),
        pytest.param("note", 5, "5", id="a-number-for-a-text"),
    ],
)
def test_harmless_differences_are_overlooked(
    name: str, value: object, meaning: object
) -> None:
    assert taken(**{name: value}) == meaning


def refused(**given: Any) -> BadRequest:  # noqa: ANN401 - any JSON
    with pytest.raises(BadRequest) as caught:
        ARGUMENTS.validated(given)
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({}, "argument job_id: is needed", id="missing"),
        pytest.param({"job_id": True}, "argument job_id: ", id="a-truth-for-an-id"),
        pytest.param({"job_id": None}, "argument job_id: ", id="nothing-for-an-id"),
        pytest.param({"job_id": ["1"]}, "argument job_id: ", id="a-list-for-an-id"),
        pytest.param({"count": 21}, "less than or equal to 20, got 21", id="too-many"),
        pytest.param({"count": "many"}, 'got "many"', id="no-number"),
        pytest.param({"count": 2.5}, "got 2.5", id="half-a-number"),
        pytest.param({"count": float("nan")}, "argument count: ", id="not-a-number"),
        pytest.param(
            {"mode": "sort"},
            'argument mode: "sort" is none of short, long; did you mean short?',
            id="none-of-those-allowed",
        ),
        pytest.param({"mode": 3}, "is none of short, long", id="nothing-like-it"),
        pytest.param({"names": [["a"]]}, "argument names: [0] ", id="inside-a-list"),
        pytest.param({"names": "[1, {}]"}, "argument names: [1] ", id="inside-json"),
        pytest.param({"words": [1]}, "argument words: ", id="a-list-for-a-mapping"),
        pytest.param(
            {"cuont": 1}, "there is no argument cuont; did you mean count?", id="typo"
        ),
        pytest.param({"zzzz": 1}, "there is no argument zzzz", id="unknown"),
        pytest.param({"x\ny": 1}, "there is no argument x", id="name-of-two-lines"),
        pytest.param({"": 1}, "there is no argument", id="no-name"),
        pytest.param({"\ud800": 1}, "there is no argument", id="no-text-as-name"),
        pytest.param({"n" * 10**6: 1}, "there is no argument nnn", id="huge-name"),
        pytest.param({"count": -1, "share": "x"}, "; and 1 more", id="two-at-once"),
    ],
)
def test_a_wrong_argument_is_named_in_one_line(
    given: dict[str, Any], says: str
) -> None:
    error = refused(**({"job_id": "1"} | given if given else {}))
    assert says in error.message
    assert len(error.message) < 400


def test_what_there_is_is_said_with_an_unknown_name() -> None:
    assert refused(job=1).hint == f"it takes {', '.join(ARGUMENTS.names)}"


def test_what_an_argument_is_for_is_said_with_a_wrong_value() -> None:
    assert refused(job_id="1", words="x").hint == "words: by name"


def test_a_tool_without_arguments_says_so() -> None:
    def bare() -> None:
        """Take nothing."""

    with pytest.raises(BadRequest) as caught:
        Arguments(bare).validated({"a": 1})
    assert caught.value.hint == "it takes no arguments"


def test_a_secret_value_is_not_repeated() -> None:
    assert refused(job_id="1", pin={"pin": "1234-5678"}).message.endswith(
        "got [secret]"
    )


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.dictionaries(st.sampled_from(ARGUMENTS.names) | st.text(), VALUES))
def test_whatever_is_given_is_taken_or_refused_in_one_line(
    given: dict[str, object],
) -> None:
    said = "taken"
    try:
        assert ARGUMENTS.validated(given).keys() == set(ARGUMENTS.names)
    except BadRequest as exc:
        said = exc.message
    assert "\n" not in said


def test_the_schema_is_flat_and_short() -> None:
    schema = ARGUMENTS.schema()
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["job_id"]
    assert schema["properties"] == {
        "job_id": {"type": ["string", "integer"], "description": "which job"},
        "count": {
            "type": "integer",
            "minimum": 0,
            "maximum": 20,
            "default": 3,
            "description": "how many",
        },
        "share": {"type": "number", "default": 0.5, "description": "how much"},
        "deep": {
            "type": "boolean",
            "default": False,
            "description": "all the way down",
        },
        "mode": {
            "type": "string",
            "enum": ["short", "long"],
            "default": "short",
            "description": "how",
        },
        "names": {
            "type": "array",
            "items": {"type": "string"},
            "description": "of whom",
        },
        "numbers": {
            "type": "array",
            "items": {"type": "integer"},
            "default": [],
            "description": "which",
        },
        "words": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "by name",
        },
        "pin": {"type": "string", "description": "of the card"},
        "note": {"type": "string", "default": ""},
    }


class Ward(Enum):
    NORTH = "north"
    SOUTH = "south"


def enumerated(*, ward: Annotated[Ward | None, "which"] = None) -> None:
    """Take one of some."""


def test_a_schema_has_no_references() -> None:
    assert Arguments(enumerated).schema()["properties"]["ward"] == {
        "type": "string",
        "enum": ["north", "south"],
        "description": "which",
    }


def test_a_list_may_be_called_as_one_of_it() -> None:
    assert ARGUMENTS.validated({"job_id": 1, "name": "Ann"})["names"] == ["Ann"]
    assert "no argument name" in refused(job_id=1, name="Ann", names=[]).message
