"""Which toolsets a request gets."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import NotFound
from sickbay.server.choice import choice
from tests.server.stand import HANDSHAKE, MODERN, client, opened, served

ENABLED = frozenset({"logs", "hud", "gpu"})

every_client = pytest.mark.parametrize(
    "era",
    [
        pytest.param(None, id="plain"),
        pytest.param(HANDSHAKE, id="handshake"),
        pytest.param(MODERN, id="sessionless"),
    ],
)


@pytest.mark.parametrize(
    ("path", "header", "wanted"),
    [
        pytest.param("", None, None, id="nothing said"),
        pytest.param("", "", None, id="empty header"),
        pytest.param("logs", None, {"logs"}, id="one in the path"),
        pytest.param("logs,hud/", None, {"logs", "hud"}, id="two in the path"),
        pytest.param("", " HUD , logs,", {"logs", "hud"}, id="header, loosely"),
        pytest.param("logs,hud", "hud,gpu", {"hud"}, id="what both say"),
        pytest.param("all", None, ENABLED, id="all"),
        pytest.param("all", "gpu", {"gpu"}, id="all of one"),
    ],
)
def test_choice_is_what_path_and_header_agree_on(
    path: str, header: str | None, wanted: set[str] | None
) -> None:
    assert choice(path, header, enabled=ENABLED) == wanted


@pytest.mark.parametrize(
    ("path", "header", "message"),
    [
        pytest.param("log", None, "'log' here .*gpu, hud, logs", id="unknown in path"),
        pytest.param("", "fleet", "'fleet' here", id="unknown in header"),
        pytest.param("logs/hud", None, "'logs/hud' here", id="another slash"),
        pytest.param("logs", "hud", "in common", id="nothing in common"),
    ],
)
def test_refusal_names_what_there_is(
    path: str, header: str | None, message: str
) -> None:
    with pytest.raises(NotFound, match=message):
        choice(path, header, enabled=ENABLED)


@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_nobody_gets_more_than_there_is(path: str, header: str | None) -> None:
    try:
        wanted = choice(path, header, enabled=ENABLED)
    except NotFound:
        return
    assert wanted is None or wanted <= ENABLED


@every_client
def test_tool_sees_the_choice_of_its_own_request(era: str | None) -> None:
    with served() as url:
        speaker = client(url, era)
        assert speaker.who(path="/logs")["chosen"] == ["logs"]
        assert speaker.who()["chosen"] is None
        speaker.headers["x-mcp-toolsets"] = "hud"
        assert speaker.who()["chosen"] == ["hud"]


@every_client
def test_unknown_toolset_is_refused_as_json(era: str | None) -> None:
    with served() as url:
        answer = client(url, era).ask("tools/list", path="/fleet")
    assert answer.status_code == 404
    assert answer.json()["error"]["data"]["hint"] == "there are: hud, logs"


def test_two_messages_of_one_session_may_choose_differently() -> None:
    with served() as url:
        session = opened(url)
        told = [session.who(path=f"/{name}")["chosen"] for name in ("hud", "logs")]
    assert told == [["hud"], ["logs"]]


def test_several_headers_count_as_one_list() -> None:
    with served() as url:
        headers = [("x-mcp-toolsets", "hud"), ("x-mcp-toolsets", "nope")]
        answer = httpx2.get(f"{url}/mcp", headers=headers)
    assert answer.status_code == 404
