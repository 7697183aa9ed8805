"""Whatever a client sends to a tool that there is: an answer of the usual shape."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from fastmcp import Client
from fastmcp.tools.base import ToolResult
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

from sickbay.server.build import build_server
from sickbay.server.discovery import discovered
from tests.contract.cases import contract_of
from tests.server import ward

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sickbay.server.tool import BoundTool

EXAMPLES = 15
"""For each tool and each kind of arguments."""

ENDLESS = {"ward_wait", "ward_snore"}
BROKEN = {"ward_fall"}
"""Has a bug on purpose."""

DEEP: Any = "x"
for _ in range(150):
    DEEP = [DEEP]

HUGE = ["x" * 1_000_000, ["x"] * 50_000, [str(n) for n in range(20_000)]]
NASTY = [
    "x" * 2_000,
    "\ud800",
    "a\0b",
    "\x1b[31m\u202e",
    "${jndi:x}",
    "../../etc/passwd",
    "{{7*7}}",
    "%s%n",
    "'; drop table beds; --",
    float("nan"),
    float("inf"),
    -0.0,
    10**400,
    -1,
    True,
    None,
    DEEP,
    {"a": DEEP},
    [None],
    {},
    [],
    ["x"] * 100,
    "[" * 2_000,
    '["a", {"b": 1}]',
]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
WRONG = st.sampled_from(NASTY) | st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=8,
)


class Hall:
    """A server and a client that stay open while examples are tried."""

    def __init__(self, folder: Path) -> None:
        given: dict[str, Any] = {}
        for toolset in discovered():  # or they would ask the real systems
            place = folder / toolset.name
            place.mkdir()
            given |= contract_of(toolset.name).prepare(place)
        given |= {"toolsets": "all", "write": True}
        self.server = build_server(given, more=(ward.TOOLSET,))
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=[self._open()]
        )
        self.client: Client[Any] = Client(self.server.mcp)

    async def _open(self) -> None:
        async with self.client:
            self._ready.set()
            await self._over.wait()

    @contextmanager
    def opened(self) -> Iterator[Hall]:
        """Run in a thread of its own."""
        self._thread.start()
        try:
            assert self._ready.wait(10)
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
            self._loop.close()

    def answered(self, name: str, arguments: dict[str, Any]) -> tuple[Any, list[str]]:
        """The structured content, and the text blocks."""
        # below the wire, where there are texts that no client could send
        calling = self.server.mcp.call_tool(name, arguments)
        answer = asyncio.run_coroutine_threadsafe(calling, self._loop).result(20)
        assert isinstance(answer, ToolResult)
        return answer.structured_content, [
            block.text for block in answer.content if block.type == "text"
        ]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    ward.fresh()
    folder = tmp_path_factory.mktemp("hall")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with Hall(folder).opened() as hall:
            yield hall


def tool_names() -> list[str]:
    """Every tool there is, without opening anything."""
    listed = []
    for toolset in (*discovered(), ward.TOOLSET):
        module, _, name = toolset.tools.partition(":")
        tools = getattr(__import__(module, fromlist=[name]), name)
        listed += [f"{toolset.name}_{tool.name}" for tool in tools]
    return sorted(set(listed) - ENDLESS)


def alias_names() -> list[str]:
    toolsets = (*discovered(), ward.TOOLSET)
    return sorted({alias.name for toolset in toolsets for alias in toolset.aliases})


def checked(hall: Hall, name: str, bound: BoundTool, arguments: dict[str, Any]) -> None:
    document, texts = hall.answered(name, arguments)
    assert document is not None, texts
    missing = set(bound.answers.schema()["properties"]) - set(document)
    assert not missing
    assert document in [json.loads(t, parse_constant=pytest.fail) for t in texts[-1:]]
    error = document["error"] or {"kind": "", "message": ""}
    assert error["kind"] != "internal" or bound.name in BROKEN
    assert "\n" not in error["message"]
    assert len(error["message"]) < 500
    assert not any("Traceback" in text for text in texts)
    assert len(texts[-1].encode()) <= bound.tool.budget_bytes


relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,  # a tool may ask twice
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)


@pytest.mark.parametrize("name", tool_names())
def test_arguments_that_fit_the_schema_are_answered(hall: Hall, name: str) -> None:
    bound = hall.server.tools[name]

    @relaxed
    @given(from_schema(bound.arguments.schema()))
    def answered(arguments: dict[str, Any]) -> None:
        checked(hall, name, bound, arguments)

    answered()


@pytest.mark.parametrize("name", tool_names())
def test_arguments_of_any_other_shape_are_answered(hall: Hall, name: str) -> None:
    bound = hall.server.tools[name]
    names = st.sampled_from([*bound.arguments.names, "x\ny", "__class__"]) | ANY_TEXT

    @relaxed
    @given(st.dictionaries(names, WRONG, max_size=4))
    def answered(arguments: dict[str, Any]) -> None:
        checked(hall, name, bound, arguments)

    answered()


@pytest.mark.parametrize("name", tool_names())
def test_attack_hostile_and_oversize_arguments_get_small_answers(
    hall: Hall, name: str
) -> None:
    bound = hall.server.tools[name]
    for value in (*NASTY, *HUGE):
        for argument in bound.arguments.names:
            checked(hall, name, bound, {argument: value})


@pytest.mark.parametrize("name", alias_names())
def test_old_names_answer_whatever_they_are_given(hall: Hall, name: str) -> None:
    owners = hall.server.aliases[name]
    claims = [
        alias
        for toolset in (*discovered(), ward.TOOLSET)
        for alias in toolset.aliases
        if alias.name == name
    ]
    known = {argument for alias in claims for argument in alias.arguments}
    known |= {
        arg for owner in owners for arg in hall.server.tools[owner].arguments.names
    }

    @relaxed
    @given(
        st.dictionaries(st.sampled_from(sorted(known)) | ANY_TEXT, WRONG, max_size=4)
    )
    def answered(arguments: dict[str, Any]) -> None:
        document, texts = hall.answered(name, arguments)
        assert document is not None, texts
        assert (document["error"] or {}).get("kind") != "internal"

    answered()


@settings(max_examples=EXAMPLES, suppress_health_check=relaxed.suppress_health_check)
@given(name=ANY_TEXT | st.sampled_from(["x" * 100_000, "ward_", "ward_look "]))
def test_a_tool_that_there_is_not_is_an_answer_too(hall: Hall, name: str) -> None:
    document, texts = hall.answered(name, {})
    assert document["error"]["kind"] == "not_found", texts
