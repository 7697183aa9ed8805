"""What a request chose, and what its sender may do, bound everything it can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sickbay.server.build import build_server
from tests.server import ward
from tests.server.stand import HANDSHAKE, MODERN, Client, client, result, served
from tests.server.test_auth import bearer
from tests.server.test_tokens import ALICE, BOB, written

if TYPE_CHECKING:
    from collections.abc import Iterator

ERAS = [None, HANDSHAKE, MODERN]
ON = frozenset({"logs", "ward"})


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    ward.fresh()
    server = build_server(
        {
            "toolsets": ",".join(ON),
            "write": True,
            "cache": folder / "cache",
            "state": folder / "state",
        },
        more=(ward.TOOLSET,),
    )
    with served(server.mcp, toolsets=ON, tokens=written(folder)) as found:
        yield found


def names(client: Client, what: str, path: str) -> list[str]:
    """What is listed, by name."""
    answer = client.ask(f"{what.split('/', maxsplit=1)[0]}/list", path=path)
    return [item["name"] for item in result(answer)[what]]


def called(client: Client, tool: str, path: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any
    """The result of a call."""
    params = {"name": tool, "arguments": arguments}
    return result(client.ask("tools/call", params, path=path))


@pytest.mark.parametrize("era", ERAS)
def test_toolset_that_was_not_chosen_is_nowhere(url: str, era: str | None) -> None:
    speaker = client(url, era, **bearer(ALICE))
    assert "ward_look" in names(speaker, "tools", "")
    assert all(tool.startswith("logs_") for tool in names(speaker, "tools", "/logs"))
    assert "visit" not in names(speaker, "prompts", "/logs")
    assert "board" not in names(speaker, "resources", "/logs")
    visit = {"name": "visit", "arguments": {"bed_id": "1"}}
    assert "messages" in result(speaker.ask("prompts/get", visit))
    assert "error" in speaker.ask("prompts/get", visit, path="/logs").text


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        pytest.param("ward_look", {"bed_id": "1"}, id="tool"),
        pytest.param("get_bed", {"number": 1}, id="old name"),
    ],
)
def test_toolset_that_was_not_chosen_cannot_be_called(
    url: str, era: str | None, tool: str, arguments: dict[str, Any]
) -> None:
    speaker = client(url, era, **bearer(ALICE))
    assert called(speaker, tool, "/ward", **arguments)["structuredContent"]["patient"]
    refused = called(speaker, tool, "/logs", **arguments)
    assert refused["isError"]
    assert "patient 1" not in str(refused)


@pytest.mark.parametrize("era", ERAS)
def test_resource_of_a_toolset_that_was_not_chosen_cannot_be_read(
    url: str, era: str | None
) -> None:
    speaker = client(url, era, **bearer(ALICE))
    if era == MODERN:
        speaker.headers["mcp-name"] = "sickbay://ward/board"
    board = {"uri": "sickbay://ward/board"}
    assert "600 beds" in speaker.ask("resources/read", board, path="/ward").text
    assert "600 beds" not in speaker.ask("resources/read", board, path="/logs").text


@pytest.mark.parametrize("era", ERAS)
def test_completion_for_a_toolset_that_was_not_chosen_is_refused(
    url: str, era: str | None
) -> None:
    speaker = client(url, era, **bearer(ALICE))
    params = {
        "ref": {"type": "ref/prompt", "name": "visit"},
        "argument": {"name": "bed_id", "value": "59"},
    }

    chosen = speaker.ask("completion/complete", params, path="/ward")
    assert "590" in result(chosen)["completion"]["values"]
    other = speaker.ask("completion/complete", params, path="/logs")
    assert "no such prompt" in other.text


@pytest.mark.parametrize("era", ERAS)
def test_token_for_reading_cannot_change_anything(url: str, era: str | None) -> None:
    reader, writer = (client(url, era, **bearer(token)) for token in (BOB, ALICE))
    assert "ward_scrub" in names(writer, "tools", "")
    assert "ward_scrub" not in names(reader, "tools", "")
    refused = called(reader, "ward_scrub", "", confirm=True)
    assert refused["isError"]
    assert refused["structuredContent"]["error"]["kind"] == "denied"
    assert "scrubbed" not in ward.now().done


def test_list_is_the_same_for_all_who_ask_the_same(url: str) -> None:
    by_path = client(url, None, **bearer(ALICE)).ask("tools/list", path="/ward,logs")
    by_header = client(
        url, None, **bearer(ALICE), **{"x-mcp-toolsets": "logs,ward"}
    ).ask("tools/list")
    assert by_path.content == by_header.content
