"""What is asked again, and what must not be: counted where it arrives."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import (
    BadRequest,
    Denied,
    Malformed,
    NotFound,
    SickbayError,
    Unavailable,
)
from tests.clients.hud.desk import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from sickbay.clients.hud import AsyncHudClient
    from tests.clients.site import Handler, Site

    Broken = Callable[[Handler], None]

WHERE = "/api/clickhouse/q"
ROWS = b'[{"red": 1}]'
HTML = b"<!DOCTYPE html><html>Vercel Security Checkpoint</html>"


async def rows(hud: AsyncHudClient) -> object:
    return await hud.query("q")


def spoiled(site: Site, times: int, broken: Broken) -> None:
    """Answer so many times in a broken way, and then well."""

    def answer(handler: Handler) -> None:
        if len(site.asked) <= times:
            broken(handler)
        else:
            handler.say(ROWS)

    site.answers[WHERE] = answer


def status(code: int, body: bytes = b"", **headers: str) -> Broken:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.say(body, code, fields)


def reset(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut(handler: Handler) -> None:
    handler.say(ROWS[:5], headers={"Content-Length": "12"})
    handler.close_connection = True


def truncated(handler: Handler) -> None:
    handler.say(ROWS[:5])


@pytest.mark.parametrize(
    ("broken", "times"),
    [
        pytest.param(reset, 3, id="reset"),
        pytest.param(cut, 3, id="cut"),
        pytest.param(truncated, 3, id="truncated"),
        pytest.param(status(429), 3, id="429"),
        pytest.param(status(429, Retry_After="0"), 3, id="429 with a wait"),
        pytest.param(status(502, HTML), 3, id="502"),
        pytest.param(status(503), 3, id="503"),
        pytest.param(status(504), 3, id="504"),
        pytest.param(status(500, b"Internal Server Error"), 2, id="500"),
        pytest.param(status(500, HTML, Content_Type="text/html"), 2, id="500 page"),
        pytest.param(status(200, HTML), 2, id="page instead of data"),
    ],
)
def test_what_may_pass_is_asked_again(site: Site, broken: Broken, times: int) -> None:
    spoiled(site, times, broken)
    assert asked(site.port, rows) == [{"red": 1}]
    assert len(site.asked) == times + 1


def said(text: str) -> bytes:
    return json.dumps({"error": text}).encode()


DATABASE = said("Code: 456. DB::Exception: Substitution `startTime` is not set.")
SLOW = said("Code: 159. DB::Exception: Timeout exceeded. (TIMEOUT_EXCEEDED)")


@pytest.mark.parametrize(
    ("broken", "kind", "words"),
    [
        pytest.param(status(400, said("no sha")), BadRequest, "no sha", id="400"),
        pytest.param(status(401), Denied, "401", id="401"),
        pytest.param(status(403), Denied, "403", id="403"),
        pytest.param(status(404), NotFound, "404", id="404"),
        pytest.param(
            status(500, said("boom")), Unavailable, "boom", id="handler's 500"
        ),
        pytest.param(status(500, DATABASE), BadRequest, "`startTime`", id="ClickHouse"),
        pytest.param(status(500, SLOW), Unavailable, "TIMEOUT", id="slow ClickHouse"),
        pytest.param(status(500, said("Not Found")), NotFound, "Not F", id="bad ref"),
        pytest.param(status(429, Retry_After="99"), Unavailable, "429", id="long wait"),
        pytest.param(status(200, b"no JSON"), Malformed, "no JSON", id="no JSON"),
        pytest.param(status(200, b'{"a": 1}'), Malformed, "agreed", id="other JSON"),
    ],
)
def test_what_will_not_pass_is_asked_once(
    site: Site, broken: Broken, kind: type[SickbayError], words: str
) -> None:
    spoiled(site, 99, broken)
    with pytest.raises(kind, match=words):
        asked(site.port, rows)
    assert len(site.asked) == 1


def test_a_web_page_that_comes_every_time_is_told(site: Site) -> None:
    spoiled(site, 99, status(200, HTML))
    with pytest.raises(Malformed, match="web page"):
        asked(site.port, rows)
    assert len(site.asked) == 3


def test_an_error_of_no_one_is_asked_about_twice_more_and_no_longer(site: Site) -> None:
    spoiled(site, 99, status(500, b"Internal Server Error"))
    with pytest.raises(Unavailable, match="500"):
        asked(site.port, rows)
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    "challenge",
    [
        pytest.param(status(429, HTML, Content_Type="text/html"), id="page"),
        pytest.param(status(429, x_vercel_mitigated="challenge"), id="header"),
        pytest.param(status(403, x_vercel_mitigated="deny"), id="denied"),
        pytest.param(status(200, HTML, x_vercel_mitigated="challenge"), id="200"),
    ],
)
def test_the_firewall_is_named_with_the_two_ways_in_and_never_asked_again(
    site: Site, challenge: Broken
) -> None:
    spoiled(site, 99, challenge)
    with pytest.raises(Denied, match="firewall") as failed:
        asked(site.port, rows)
    assert "HUD_INTERNAL_BOT_TOKEN" in failed.value.hint
    assert "gh auth token" in failed.value.hint
    assert len(site.asked) == 1


def test_what_hud_says_is_shown_without_its_control_characters(site: Site) -> None:
    spoiled(site, 99, status(400, said("\x1b[31mno\u202e such\nthing" + "x" * 999)))
    with pytest.raises(BadRequest) as failed:
        asked(site.port, rows)
    assert "no such thing" in failed.value.message
    assert len(failed.value.message) < 450


def test_nobody_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unavailable, match="did not answer"):
        asked(port, rows)
