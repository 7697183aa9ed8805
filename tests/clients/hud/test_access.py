from __future__ import annotations

import pytest

from sickbay.clients.hud import AsyncHudClient, HudClient
from sickbay.clients.hud.access import Access
from sickbay.clients.hud.environment import tokens
from sickbay.core.errors import BadRequest, Denied
from tests.clients.hud.desk import asked
from tests.clients.site import Site, served
from tests.simulators.hud import hud_at

BOT, PERSON = "bot-s3cret", "ghp_s3cret"
HEADERS = ("x-hud-internal-bot", "Authorization")


async def rows(hud: AsyncHudClient) -> object:
    return await hud.query("q")


def sent(site: Site) -> list[tuple[str, str | None, str | None]]:
    """Of every request: its path, the bot's header, the person's."""
    found = []
    for path, fields in site.asked:
        lower = {name.lower(): value for name, value in fields.items()}
        bot, person = (lower.get(name.lower()) for name in HEADERS)
        found.append((path.partition("?")[0], bot, person))
    return found


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        pytest.param({}, ("/api/clickhouse/q", None, None), id="none"),
        pytest.param({"bot_token": BOT}, ("/api/clickhouse/q", BOT, None), id="bot"),
        pytest.param(
            {"github_token": PERSON},
            ("/api/authed/clickhouse/q", None, f"Bearer {PERSON}"),
            id="person",
        ),
        pytest.param(
            {"bot_token": BOT, "github_token": PERSON},
            ("/api/clickhouse/q", BOT, None),
            id="both",
        ),
    ],
)
def test_there_are_two_ways_in(
    site: Site, credentials: dict[str, str], expected: tuple[str, str, str]
) -> None:
    for path in ("/api/clickhouse/q", "/api/authed/clickhouse/q"):
        site.says(path, b"[]")
    assert asked(site.port, rows, **credentials) == []
    assert sent(site) == [expected]


@pytest.mark.parametrize("credential", [{"bot_token": BOT}, {"github_token": PERSON}])
def test_no_token_goes_to_the_log_store_or_the_statistics_even_on_one_host(
    site: Site, credential: dict[str, str]
) -> None:
    site.says("/log/7", b"a line\n")
    site.says("/stats/flaky-rules.json", b"[]")

    async def work(hud: AsyncHudClient) -> None:
        assert await hud.flaky_rules() == ()
        assert (await hud.log_place(7)).bytes == 7
        assert b"".join([part async for part in hud.log(7)]) == b"a line\n"

    asked(site.port, work, **credential)
    assert [tokens for _, *tokens in sent(site)] == [[None, None]] * 3


def test_a_token_does_not_follow_a_redirect_to_another_host(site: Site) -> None:
    with served() as other:
        other.says("/there", b"[]")
        where = f"http://127.0.0.1:{other.port}/there"
        site.says("/api/clickhouse/q", status=302, Location=where)
        asked(site.port, rows, bot_token=BOT, log_url=f"http://127.0.0.1:{other.port}")
        assert sent(other) == [("/there", None, None)]
    assert sent(site) == [("/api/clickhouse/q", BOT, None)]


@pytest.mark.parametrize("base", ["http://hud.example.org", "http://93.184.215.14:80"])
def test_a_token_is_not_sent_unencrypted_over_the_internet(base: str) -> None:
    with pytest.raises(Denied, match="not sent without encryption"):
        AsyncHudClient(base, bot_token=BOT)
    AsyncHudClient(base)
    AsyncHudClient(base.replace("http:", "https:"), bot_token=BOT)


@pytest.mark.parametrize(
    "base", ["hud", "ftp://a.b", "http://x@a.b", "http://", "ht tp:"]
)
def test_what_is_no_address_is_told_at_once(base: str) -> None:
    with pytest.raises(BadRequest, match="is no URL of a HUD"):
        AsyncHudClient(base)


@pytest.mark.parametrize(
    ("credential", "status", "hint"),
    [
        pytest.param({}, 401, "HUD_INTERNAL_BOT_TOKEN", id="none"),
        pytest.param({"bot_token": BOT}, 403, "refused the bot token", id="bot"),
        pytest.param({"github_token": PERSON}, 401, "gh auth token", id="bad token"),
        pytest.param({"github_token": PERSON}, 403, "write access", id="no access"),
    ],
)
def test_a_refusal_says_what_to_do_and_shows_no_token(
    site: Site, credential: dict[str, str], status: int, hint: str
) -> None:
    for path in ("/api/clickhouse/q", "/api/authed/clickhouse/q"):
        site.says(path, status=status)
    with pytest.raises(Denied) as refused:
        asked(site.port, rows, **credential)
    assert hint in refused.value.hint
    assert "s3cret" not in str(refused.value)


def test_nobody_sees_a_token_by_looking() -> None:
    assert "s3cret" not in repr(Access(bot_token=BOT, github_token=PERSON))


def test_tokens_of_the_environment_are_for_its_hud_only() -> None:
    environ = {"HUD_INTERNAL_BOT_TOKEN": BOT, "SICKBAY_HUD__GITHUB_TOKEN": PERSON}
    assert tokens(None, environ) == (BOT, PERSON)
    assert tokens("https://hud.pytorch.org/api", environ) == (BOT, PERSON)
    assert tokens("https://hud.example.org", environ) == (None, None)
    own = {**environ, "SICKBAY_HUD__URL": "https://hud.example.org"}
    assert tokens("https://hud.example.org/api", own) == (BOT, PERSON)
    assert tokens("https://hud.pytorch.org", own) == (None, None)


def test_a_script_s_base_url_gets_no_token_that_it_did_not_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUD_INTERNAL_BOT_TOKEN", BOT)
    site.says("/api/clickhouse/q", b"[]")
    url = f"http://127.0.0.1:{site.port}/api"
    with HudClient(url) as hud:
        hud.query_clickhouse("q")
    with HudClient(url, bot_token="named") as hud:  # noqa: S106 - of a test
        hud.query_clickhouse("q")
    assert [bot for _, bot, _ in sent(site)] == [None, "named"]


@pytest.mark.parametrize(
    ("credential", "told"),
    [
        pytest.param({"bot_token": "hud-bot-token"}, None, id="bot"),
        pytest.param({"github_token": "github-writer"}, None, id="person"),
        pytest.param({}, "lets no program in", id="nobody"),
        pytest.param({"bot_token": "another"}, "lets no program in", id="wrong bot"),
        pytest.param({"github_token": "github-reader"}, "Write access", id="reader"),
        pytest.param({"github_token": "nobody-s"}, "Invalid", id="wrong person"),
    ],
)
def test_the_simulated_firewall_lets_those_in_who_may(
    credential: dict[str, str], told: str | None
) -> None:
    async def work(hud: AsyncHudClient) -> int:
        return len((await hud.page("viable/strict", per_page=2)).rows)

    with hud_at(firewall=True) as hud:
        if told is None:
            assert asked(hud.url, work, **credential) == 2
        else:
            with pytest.raises(Denied, match=told) as refused:
                asked(hud.url, work, **credential)
            assert refused.value.hint
        assert len(hud.asked) == 1
