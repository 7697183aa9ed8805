"""What the protocol asks for and the conformance suite does not look at."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.server.build import build_server
from tests.server.stand import HANDSHAKE, MODERN, client, hello, result, served
from tests.server.ward import TOOLSET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx2

INVALID_PARAMS = -32602

eras = pytest.mark.parametrize("era", [HANDSHAKE, MODERN, None])


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    given = {"toolsets": "all", "cache": folder / "cache", "state": folder / "state"}
    server = build_server(given, more=[TOOLSET])
    names = frozenset(toolset.name for toolset in server.toolsets)
    with served(server.mcp, toolsets=names) as address:
        yield address


def asked(
    url: str, era: str | None, method: str, params: Mapping[str, Any], *, path: str = ""
) -> httpx2.Response:
    headers = {"mcp-name": params["uri"]} if "uri" in params else {}
    return client(url, era, **headers).ask(method, params, path=path)


def error(answer: httpx2.Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        answer.text.partition("data: ")[2] or answer.text
    )
    failure: dict[str, Any] = found["error"]
    return failure


@eras
@pytest.mark.parametrize(
    ("method", "params"),
    [
        pytest.param("prompts/get", {"name": "visit"}, id="prompt-lacks-an-argument"),
        pytest.param("prompts/get", {"name": "nothing"}, id="no-such-prompt"),
        pytest.param(
            "resources/read", {"uri": "sickbay://none"}, id="no-such-resource"
        ),
        pytest.param(
            "resources/read", {"uri": "sickbay://logs/abcd"}, id="no-such-log"
        ),
        pytest.param(
            "resources/read",
            {"uri": "sickbay://logs/abcd?start=first"},
            id="bad-parameter-of-a-template",
        ),
        pytest.param(
            "completion/complete",
            {
                "ref": {"type": "ref/prompt", "name": "nothing"},
                "argument": {"name": "a", "value": ""},
            },
            id="complete-for-no-such-prompt",
        ),
    ],
)
def test_what_is_not_there_is_the_fault_of_the_parameters(
    url: str, era: str | None, method: str, params: dict[str, Any]
) -> None:
    assert error(asked(url, era, method, params))["code"] == INVALID_PARAMS


@eras
def test_a_resource_that_is_not_there_is_named(url: str, era: str | None) -> None:
    uri = "sickbay://logs/abcd"
    assert error(asked(url, era, "resources/read", {"uri": uri}))["data"]["uri"] == uri


def test_no_list_is_said_to_change(url: str) -> None:
    capabilities = result(hello(url))["capabilities"]
    assert not any(
        capabilities[kind].get("listChanged")
        for kind in ("tools", "prompts", "resources")
    )


@eras
def test_arguments_of_toolsets_that_were_not_chosen_are_not_completed(
    url: str, era: str | None
) -> None:
    params = {
        "ref": {"type": "ref/prompt", "name": "visit"},
        "argument": {"name": "bed_id", "value": ""},
    }
    assert result(asked(url, era, "completion/complete", params))["completion"]
    answer = asked(url, era, "completion/complete", params, path="/logs")
    assert error(answer)["code"] == INVALID_PARAMS


@eras
def test_whatever_is_typed_completion_never_fails(url: str, era: str | None) -> None:
    for value in ("../../", "/etc/", "~root/", "\0", "log:", "a" * 5000):
        params = {
            "ref": {"type": "ref/prompt", "name": "explain_failure"},
            "argument": {"name": "log", "value": value},
        }
        answer = asked(url, era, "completion/complete", params)
        assert "passwd" not in answer.text
        assert result(answer)["completion"]["values"] is not None
