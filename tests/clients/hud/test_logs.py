from __future__ import annotations

import gzip
import os
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest

from sickbay.clients.hud import AsyncHudClient, HudClient
from sickbay.core.errors import Denied, Malformed, NotFound, TooLarge, Unavailable
from tests.clients.hud.desk import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clients.site import Handler, Site

TEXT = b"".join(b"%d %s\n" % (n, os.urandom(20).hex().encode()) for n in range(9_000))
PACKED = gzip.compress(TEXT)


async def whole(hud: AsyncHudClient, *, repo: str | None = None) -> bytes:
    return b"".join([part async for part in hud.log(7, repo=repo)])


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(TEXT, {}, id="plain"),
        pytest.param(PACKED, {"Content_Encoding": "gzip"}, id="packed and said so"),
        pytest.param(PACKED, {}, id="packed"),
        pytest.param(
            b"".join(
                gzip.compress(TEXT[n : n + 9_999]) for n in range(0, len(TEXT), 9_999)
            ),
            {},
            id="packed in members",
        ),
    ],
)
def test_a_log_comes_unpacked_however_it_is_stored(
    site: Site, body: bytes, headers: dict[str, Any]
) -> None:
    site.says("/log/7", body, **headers)
    assert asked(site.port, whole) == TEXT
    assert site.paths == ["/log/7"]


@pytest.mark.parametrize("text", [b"", b"x", b"\x1f"])
def test_a_log_of_hardly_anything_is_all_there(site: Site, text: bytes) -> None:
    site.says("/log/7", text)
    assert asked(site.port, whole) == text


def test_the_log_of_another_repository_is_elsewhere(site: Site) -> None:
    site.says("/log/pytorch/vision/7", b"vision\n")
    assert (
        asked(site.port, lambda hud: whole(hud, repo="pytorch/vision")) == b"vision\n"
    )
    assert asked(site.port, whole, repo="pytorch/vision") == b"vision\n"


def test_a_job_that_still_runs_has_its_log_elsewhere(site: Site) -> None:
    site.says("/log/7", status=404)
    site.says("/temp_logs/7", b"so far\n")
    assert asked(site.port, whole) == b"so far\n"
    place = asked(site.port, lambda hud: hud.log_place(7))
    assert place.running
    assert (place.url.endswith("/temp_logs/7"), place.bytes) == (True, 7)


def test_a_log_that_is_nowhere_is_not_found_with_why(site: Site) -> None:
    site.says("/log/7", status=404)
    site.says("/temp_logs/7", status=404)
    for work in (whole, lambda hud: hud.log_place(7)):
        with pytest.raises(NotFound, match="no log of job 7") as missing:
            asked(site.port, work)
        assert "expire" in missing.value.hint


def test_a_store_that_keeps_a_log_to_itself_is_told(site: Site) -> None:
    site.says("/log/7", status=403)
    site.says("/temp_logs/7", status=404)
    with pytest.raises(Denied, match="403"):
        asked(site.port, whole)


def broken(site: Site, times: int, body: bytes, share: float) -> None:
    """Break off so many times, and then give all of it."""

    def answer(handler: Handler) -> None:
        part = body if len(site.asked) > times else body[: int(len(body) * share)]
        handler.say(part, headers={"Content-Length": str(len(body))})
        handler.close_connection = True

    site.answers["/log/7"] = answer


def short(site: Site, times: int, body: bytes, share: float) -> None:
    """Give so many times half of it as if it were all."""

    def answer(handler: Handler) -> None:
        part = body if len(site.asked) > times else body[: int(len(body) * share)]
        handler.say(part)

    site.answers["/log/7"] = answer


@pytest.mark.parametrize(
    ("breaks", "body", "share"),
    [
        pytest.param(broken, TEXT, 0, id="plain, at once"),
        pytest.param(broken, TEXT, 0.5, id="plain"),
        pytest.param(broken, PACKED, 0.01, id="packed, early"),
        pytest.param(broken, PACKED, 0.99, id="packed, late"),
        pytest.param(short, PACKED, 0.01, id="truncated, early"),
        pytest.param(short, PACKED, 0.99, id="truncated, late"),
    ],
)
def test_a_log_that_breaks_off_is_taken_up_again_without_a_byte_twice(
    site: Site,
    breaks: Callable[[Site, int, bytes, float], None],
    body: bytes,
    share: float,
) -> None:
    breaks(site, 2, body, share)
    assert asked(site.port, whole) == TEXT
    assert len(site.asked) == 3


def test_a_log_that_always_breaks_off_is_given_up(site: Site) -> None:
    broken(site, 99, TEXT, 0.5)
    with pytest.raises(Unavailable):
        asked(site.port, whole)
    assert len(site.asked) == 4


def test_a_damaged_log_is_told(site: Site) -> None:
    site.says("/log/7", PACKED[:2000] + b"\xff" * 2000 + PACKED[4000:])
    with pytest.raises(Malformed, match="damaged"):
        asked(site.port, whole)


@pytest.mark.parametrize("body", [bytes(3_000_000), gzip.compress(bytes(3_000_000))])
def test_a_log_that_is_too_large_is_not_read_to_its_end(
    site: Site, body: bytes
) -> None:
    site.says("/log/7", body)
    with pytest.raises(TooLarge):
        asked(site.port, whole, max_log_bytes=1_000_000)


def test_who_has_seen_enough_can_leave(site: Site) -> None:
    site.says("/log/7", TEXT * 20)

    async def work(hud: AsyncHudClient) -> bytes:
        async with aclosing(hud.log(7)) as parts:
            return await anext(parts)

    first = asked(site.port, work)
    assert TEXT.startswith(first[:1000])
    assert len(first) < len(TEXT) * 20


def test_a_script_gets_the_log_whole_or_in_parts(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{site.port}"
    monkeypatch.setenv("SICKBAY_HUD__LOG_URL", url)
    site.says("/log/7", gzip.compress("ä\n".encode() + b"\xff\n"))
    with HudClient(url) as hud:
        assert hud.download_log(7) == "ä\n\ufffd\n"
        assert next(hud.log(7))
        assert hud.get_s3_log_url(7) == f"{url}/log/7"
