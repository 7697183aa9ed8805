from __future__ import annotations

import asyncio
import gzip
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import cycle
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.http import MAX_REFUSAL, Http
from sickbay.clients.patience import AgainError, Patience
from sickbay.core.errors import (
    BadRequest,
    Denied,
    Malformed,
    NotFound,
    SickbayError,
    TimedOut,
    TooLarge,
    Unavailable,
)
from tests.clients.site import Handler, Site, certified, served

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from sickbay.clients.reply import Reply

    Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

HASTE = Patience(connect_s=2, read_s=2, total_s=5, pause_s=0.001)
HERE = "127.0.0.1"


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as here:
        yield here


class Names:
    """A name service: the answers in turn, and what it was asked."""

    def __init__(self, **answers: Sequence[Sequence[str]]) -> None:
        self.answers = {name: cycle(turns) for name, turns in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, name: str, _port: int) -> Sequence[str]:
        self.asked.append(name)
        return next(self.answers[name.partition(".")[0]])


EVERYWHERE = Names(a=[[HERE]], b=[[HERE]], evil=[[HERE]])


def http(*allowed: str, resolve: Resolve = EVERYWHERE, **more: Any) -> Http:  # noqa: ANN401 - as it takes them
    return Http(allowed, **{"patience": HASTE, "resolve": resolve, **more})


def got(client: Http, *urls: str, **more: Any) -> list[Reply]:  # noqa: ANN401 - as get takes them
    """Fetch one URL after the other."""

    async def run() -> list[Reply]:
        async with client:
            return [await client.get(url, **more) for url in urls]

    return asyncio.run(run())


def a(site: Site, path: str = "/") -> str:
    """A URL of the site under the private name that most tests allow."""
    return f"http://a.test:{site.port}{path}"


def allowing(site: Site, **more: Any) -> Http:  # noqa: ANN401 - as it takes them
    return http(f"a.test:{site.port}+private", **more)


def test_something_small_is_fetched_whole(site: Site) -> None:
    site.says("/log", gzip.compress(b"a line\n"), Content_Encoding="gzip", X_A="b")
    [reply] = got(allowing(site), a(site, "/log?x=1"))
    assert (reply.url, reply.status) == (a(site, "/log?x=1"), 200)
    assert (reply.body, reply.headers["x-a"]) == (b"a line\n", "b")
    path, fields = site.asked[0]
    assert path == "/log?x=1"
    assert fields["Host"] == f"a.test:{site.port}"
    assert fields["User-Agent"].startswith("sickbay/")


def test_something_large_comes_in_pieces_and_can_be_left(site: Site) -> None:
    site.says("/", b"x" * 1_000_000)

    async def run() -> bytes:
        async with allowing(site) as client:
            async with aclosing(client.stream(a(site))) as body:
                first = await anext(body)
            rest = [part async for part in client.stream(a(site))]
            assert b"".join(rest) == b"x" * 1_000_000
            return first

    assert 0 < len(asyncio.run(run())) < 1_000_000


def test_a_connection_is_used_again_without_another_lookup(site: Site) -> None:
    site.says("/", b"a")
    names = Names(a=[[HERE]])
    assert len(got(allowing(site, resolve=names), *[a(site)] * 3)) == 3
    assert (site.connections, names.asked) == (1, ["a.test"])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "0.0.0.0"],  # noqa: S104 - to be refused
)
def test_a_name_with_a_private_address_is_not_connected_to(
    site: Site, address: str
) -> None:
    site.says("/", b"secret")
    names = Names(a=[[address]])
    with pytest.raises(Denied, match="which is not public"):
        got(http(f"a.test:{site.port}", resolve=names), a(site))
    assert site.connections == 0


def test_one_private_address_among_public_ones_is_enough_to_refuse(site: Site) -> None:
    names = Names(a=[["8.8.8.8", HERE]])
    with pytest.raises(Denied, match="which is not public"):
        got(http(f"a.test:{site.port}", resolve=names), a(site))
    assert site.connections == 0


def test_the_connection_goes_to_what_was_looked_up_once() -> None:
    names = Names(a=[[HERE], ["127.0.0.2"]])
    with served() as one, served(address="127.0.0.2", port=one.port) as other:
        one.says("/", b"one")
        other.says("/", b"other")
        [reply] = got(allowing(one, resolve=names), a(one))
    assert (reply.body, names.asked, other.connections) == (b"one", ["a.test"], 0)


REBINDING = """
import asyncio
from sickbay.clients.http import MAX_REFUSAL, Http
from sickbay.core.errors import Denied
from tests.clients.site import served
from tests.clients.test_http import HASTE, Names

names = Names(a=[["93.184.215.14"], ["127.0.0.1"]])

async def main():
    async with Http([f"a.test:{public.port}"], resolve=names, patience=HASTE) as http:
        print((await http.get(f"http://a.test:{public.port}/")).body)
        try:
            await http.get(f"http://a.test:{public.port}/")
        except Denied as exc:
            print(exc.message)

with served(address="93.184.215.14") as public:
    with served(port=public.port) as private:
        public.says("/", b"public", Connection="close")
        private.says("/", b"secret")
        asyncio.run(main())
        print(private.connections, names.asked)
"""


def test_a_name_that_turns_private_between_two_requests_is_refused() -> None:
    # In a network of its own, where the public address is this machine's.
    unshare = shutil.which("unshare") or ""
    begin = [unshare, "--user", "--map-root-user", "--net", "sh", "-ec"]
    network = "ip link set lo up; ip address add 93.184.215.14/32 dev lo"
    if (
        not unshare
        or subprocess.run(
            [*begin, network], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("this system does not let tests have a network of their own")
    ran = subprocess.run(
        [*begin, f'{network}; exec "$0" -c "$1"', sys.executable, REBINDING],
        capture_output=True,
        check=False,
        text=True,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == [
        "b'public'",
        "a.test has the address 127.0.0.1, which is not public",
        "0 ['a.test', 'a.test']",
    ]


def test_an_address_that_the_operator_lists_is_asked_as_it_is() -> None:
    with served() as four:
        four.says("/", b"four")
        url = f"http://{HERE}:{four.port}/"
        assert got(Http([f"{HERE}:{four.port}"]), url)[0].body == b"four"
    if not socket.has_ipv6:
        pytest.skip("this system has no IPv6")
    with served(address="::1") as six:
        six.says("/", b"six")
        url = f"http://[::1]:{six.port}/"
        assert got(Http([f"[::1]:{six.port}"]), url)[0].body == b"six"
        assert six.asked[0][1]["Host"] == f"[::1]:{six.port}"


def test_a_host_that_is_not_allowed_is_not_even_looked_up(site: Site) -> None:
    names = Names()
    with pytest.raises(Denied, match="not an allowed host"):
        got(http("a.test", resolve=names), f"http://evil.test:{site.port}/")
    assert (names.asked, site.connections) == ([], 0)


def test_the_next_address_is_tried_where_one_does_not_answer(site: Site) -> None:
    site.says("/", b"here")
    names = Names(a=[["127.0.0.77", HERE]])
    assert got(allowing(site, resolve=names), a(site))[0].body == b"here"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param(socket.EAI_NONAME, NotFound, id="unknown"),
        pytest.param(socket.EAI_AGAIN, Unavailable, id="no answer"),
    ],
)
def test_a_name_without_an_address_is_told(code: int, kind: type[SickbayError]) -> None:
    async def fails(name: str, port: int) -> Sequence[str]:
        raise socket.gaierror(code, f"no {name}:{port}")

    with pytest.raises(kind, match=r"a\.test"):
        got(http("a.test", resolve=fails), "http://a.test/")


def test_proxies_of_the_environment_are_not_asked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.says("/", b"here")
    assert got(allowing(site), a(site))[0].body == b"here"


def test_cookies_are_not_kept(site: Site) -> None:
    site.says("/", b"", Set_Cookie="session=1; Path=/")
    got(allowing(site), a(site), a(site))
    assert [fields.get("Cookie") for _, fields in site.asked] == [None, None]


# Redirects


def test_redirects_are_followed_to_the_end(site: Site) -> None:
    for number in range(5):
        site.says(f"/{number}", status=302, Location=f"{number + 1}")
    site.says("/5", b"the end")
    [reply] = got(allowing(site), a(site, "/0"))
    assert (reply.url, reply.body) == (a(site, "/5"), b"the end")


def test_redirects_without_an_end_are_given_up(site: Site) -> None:
    site.says("/", status=301, Location="/")
    with pytest.raises(Malformed, match="redirects more than 5 times"):
        got(allowing(site), a(site))
    assert len(site.asked) == 6


@pytest.mark.parametrize(
    ("location", "kind", "message"),
    [
        pytest.param("http://evil.test/", Denied, "not an allowed host", id="host"),
        pytest.param(
            "http://169.254.169.254/", Denied, "not an allowed", id="metadata"
        ),
        pytest.param("http://localhost:{port}/", Denied, "not an allowed", id="here"),
        pytest.param("//evil.test/", Denied, "not an allowed host", id="scheme kept"),
        pytest.param("http://b.test:{port}/", Denied, "not public", id="private"),
        pytest.param("http://x@a.test:{port}/", BadRequest, "name or pass", id="user"),
        pytest.param("file:///etc/passwd", BadRequest, "only http", id="file"),
        pytest.param("http://[", BadRequest, "only http", id="no host"),
        pytest.param("http://a:b/", Malformed, "to no URL", id="no URL"),
    ],
)
def test_a_redirect_is_checked_like_any_url(
    site: Site, location: str, kind: type[SickbayError], message: str
) -> None:
    site.says("/", status=302, Location=location.format(port=site.port))
    allowed = (f"a.test:{site.port}+private", f"b.test:{site.port}")
    with pytest.raises(kind, match=message):
        got(http(*allowed), a(site))
    assert site.paths == ["/"]


def test_a_redirect_from_https_to_http_is_refused(tmp_path: Path, site: Site) -> None:
    server, believer = certified(tmp_path, "a.test")
    site.says("/", b"in the clear")
    with served(tls=server) as safe:
        safe.says("/", status=302, Location=a(site))
        allowed = [f"a.test:{port}+private" for port in (safe.port, site.port)]
        with pytest.raises(Denied, match="redirects from https to http"):
            got(http(*allowed, tls=believer), f"https://a.test:{safe.port}/")
    assert site.asked == []


# Credentials


def test_credentials_go_to_their_host_and_no_other(site: Site) -> None:
    site.says("/", status=302, Location=f"http://b.test:{site.port}/b")
    site.says("/b", status=307, Location=f"http://a.test:{site.port}/a")
    site.says("/a", b"")
    allowed = [f"{name}.test:{site.port}+private" for name in "ab"]
    client = http(
        *allowed,
        credentials={f"a.test:{site.port}": {"Authorization": "Bearer s3cret"}},
    )
    got(client, a(site), headers={"X-Own": "1"})
    sent = [(f.get("Authorization"), f.get("X-Own")) for _, f in site.asked]
    assert sent == [("Bearer s3cret", "1"), (None, None), ("Bearer s3cret", "1")]


def test_credentials_of_a_host_are_not_those_of_its_other_ports(site: Site) -> None:
    site.says("/", b"")
    got(allowing(site, credentials={"a.test": {"Authorization": "s3cret"}}), a(site))
    assert "Authorization" not in site.asked[0][1]


def test_credentials_do_not_go_unencrypted_over_the_internet() -> None:
    names = Names()
    client = http(
        "a.test", resolve=names, credentials={"a.test": {"Authorization": "s3cret"}}
    )
    with pytest.raises(Denied, match="not sent without encryption"):
        got(client, "http://a.test/")
    assert names.asked == []


def test_a_credential_with_a_line_end_is_refused_without_showing_it(site: Site) -> None:
    credentials = {f"a.test:{site.port}": {"Authorization": "Bearer s3cret\n"}}
    with pytest.raises(BadRequest, match="holds what none can") as failed:
        got(allowing(site, credentials=credentials), a(site))
    assert "s3cret" not in str(failed.value)
    assert site.asked == []


# TLS


def test_a_certificate_is_checked_for_the_name_not_the_address(tmp_path: Path) -> None:
    server, believer = certified(tmp_path, "a.test")
    with served(tls=server) as safe:
        safe.says("/", b"safe")
        allowed = [f"{name}.test:{safe.port}+private" for name in "ab"]
        [reply] = got(http(*allowed, tls=believer), f"https://a.test:{safe.port}/")
        assert reply.body == b"safe"
        with pytest.raises(Denied, match=r"certificate of b\.test is not trusted"):
            got(http(*allowed, tls=believer), f"https://b.test:{safe.port}/")
        with pytest.raises(Denied, match=r"certificate of a\.test is not trusted"):
            got(http(*allowed), f"https://a.test:{safe.port}/")
    assert safe.paths == ["/"]


# Errors and patience


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(304, Malformed, id="304"),
        pytest.param(400, BadRequest, id="400"),
        pytest.param(401, Denied, id="401"),
        pytest.param(403, Denied, id="403"),
        pytest.param(404, NotFound, id="404"),
        pytest.param(408, TimedOut, id="408"),
        pytest.param(410, NotFound, id="410"),
        pytest.param(413, TooLarge, id="413"),
        pytest.param(500, Unavailable, id="500"),
    ],
)
def test_an_answer_that_is_no_success_is_an_error_of_ours_at_once(
    site: Site, status: int, kind: type[SickbayError]
) -> None:
    site.says("/log", status=status)
    with pytest.raises(kind, match=str(status)) as failed:
        got(allowing(site), a(site, "/log?token=s3cret"))
    assert a(site, "/log") in failed.value.message
    assert "s3cret" not in str(failed.value)
    assert len(site.asked) == 1


@pytest.mark.parametrize("sent", [True, False], ids=["refused", "none"])
def test_a_refusal_says_whether_there_was_a_credential(
    site: Site, *, sent: bool
) -> None:
    site.says("/", status=401)
    credentials = {f"a.test:{site.port}": {"X-Token": "s3cret"}} if sent else {}
    with pytest.raises(Denied) as refused:
        got(allowing(site, credentials=credentials), a(site))
    said = "it refused the credential" if sent else "no credential is set"
    assert refused.value.hint == f"{said} for a.test"


def busy(site: Site, times: int, status: int, headers: dict[str, str]) -> None:
    """Answer so many times that it is too busy, and then the body."""

    def answer(handler: Handler) -> None:
        if len(site.asked) <= times:
            handler.say(status=status, headers=headers)
        else:
            handler.say(b"at last")

    site.answers["/"] = answer


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}], ids=["own", "asked"])
def test_a_busy_server_is_asked_again(
    site: Site, status: int, headers: dict[str, str]
) -> None:
    busy(site, 3, status, headers)
    assert got(allowing(site), a(site))[0].body == b"at last"


def test_a_busy_server_is_not_asked_for_ever(site: Site) -> None:
    busy(site, 99, 503, {})
    with pytest.raises(Unavailable, match="503"):
        got(allowing(site), a(site))
    assert len(site.asked) == HASTE.attempts


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_wants_a_long_wait_is_given_up_with_how_long(
    site: Site, form: str
) -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=3600), usegmt=True)
    busy(site, 99, 429, {"Retry-After": "3600" if form == "seconds" else then})
    with pytest.raises(Unavailable, match="429") as failed:
        got(allowing(site), a(site))
    assert failed.value.hint in {"it asks to wait 3600 s", "it asks to wait 3599 s"}
    assert len(site.asked) == 1


def test_a_server_may_ask_for_a_wait_that_is_kept(site: Site) -> None:
    soon = format_datetime(datetime.now(UTC) - timedelta(seconds=9), usegmt=True)
    busy(site, 1, 503, {"Retry-After": soon})
    assert got(allowing(site), a(site))[0].body == b"at last"


def test_a_retry_after_that_is_neither_is_passed_over(site: Site) -> None:
    busy(site, 1, 503, {"Retry-After": "soon"})
    assert got(allowing(site), a(site))[0].body == b"at last"


def test_nobody_listening_is_told() -> None:
    with served() as site:
        pass
    with pytest.raises(Unavailable, match=r"a\.test did not answer") as caught:
        got(allowing(site), a(site))
    assert "check its address" in str(caught.value.hint)


def test_a_connection_that_breaks_is_tried_again(site: Site) -> None:
    def breaks(handler: Handler) -> None:
        if len(site.asked) == 1:
            handler.connection.shutdown(socket.SHUT_RDWR)
        else:
            handler.say(b"at last")

    site.answers["/"] = breaks
    assert got(allowing(site), a(site))[0].body == b"at last"


def test_silence_is_timed_out(site: Site) -> None:
    over = threading.Event()
    site.answers["/"] = lambda _: over.wait(10)
    patience = Patience(read_s=0.05, pause_s=0.001)
    with pytest.raises(TimedOut, match=r"a\.test did not answer in time"):
        got(allowing(site, patience=patience), a(site))
    over.set()
    assert len(site.asked) == 1


BRISK = Patience(read_s=2, answer_s=0.2)
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n"


@pytest.mark.parametrize(
    ("begun", "part", "patience"),
    [
        pytest.param(b"", b"HTTP/1.1 100 Go\r\n\r\n", BRISK, id="promise"),
        pytest.param(BEGUN, b"X-A: b\r\n", BRISK, id="header"),
        pytest.param(BEGUN, b"\r\nx", Patience(read_s=2, total_s=0.2), id="body"),
    ],
)
def test_an_answer_that_trickles_in_for_ever_is_timed_out(
    site: Site, begun: bytes, part: bytes, patience: Patience
) -> None:
    over = threading.Event()

    def trickle(handler: Handler) -> None:
        handler.wfile.write(begun)
        while not over.wait(0.01):
            handler.wfile.write(part)

    site.answers["/"] = trickle
    with pytest.raises(TimedOut, match=r"a\.test"):
        got(allowing(site, patience=patience), a(site))
    over.set()


def test_a_body_that_ends_early_is_told(site: Site) -> None:
    def cut(handler: Handler) -> None:
        handler.say(b"only this", headers={"Content-Length": "1000"})
        handler.close_connection = True

    site.answers["/"] = cut
    with pytest.raises(Unavailable, match=r"a\.test did not answer"):
        got(allowing(site), a(site))


def test_a_body_that_is_cut_once_is_fetched_again_whole(site: Site) -> None:
    def cut(handler: Handler) -> None:
        size = "1000" if len(site.asked) == 1 else "9"
        handler.say(b"only this", headers={"Content-Length": size})
        handler.close_connection = True

    site.answers["/"] = cut
    assert got(allowing(site), a(site))[0].body == b"only this"
    assert len(site.asked) == 2


def test_who_reads_an_answer_decides_whether_to_ask_again(site: Site) -> None:
    busy(site, 1, 500, {})
    seen: list[tuple[int, str]] = []

    async def read(reply: Reply) -> bytes:
        seen.append((reply.status, reply.media_type))
        if not reply.success:
            raise AgainError(Unavailable("not yet"))
        return reply.body

    async def run() -> bytes:
        async with allowing(site) as client:
            return await client.read(a(site), read)

    assert asyncio.run(run()) == b"at last"
    assert seen == [(500, ""), (200, "")]


def test_of_a_long_refusal_only_the_beginning_is_read(site: Site) -> None:
    site.says("/", b"x" * 1_000_000, status=400)

    async def read(reply: Reply) -> int:
        return len(reply.body)

    async def run() -> int:
        async with allowing(site) as client:
            return await client.read(a(site), read)

    assert asyncio.run(run()) == MAX_REFUSAL


def test_a_head_has_no_body_however_large_it_would_be(site: Site) -> None:
    site.says("/", b"", Content_Length="900")

    async def read(reply: Reply) -> tuple[bytes, str]:
        return reply.body, reply.headers["content-length"]

    async def run() -> tuple[bytes, str]:
        async with allowing(site) as client:
            return await client.read(a(site), read, method="HEAD", max_bytes=9)

    assert asyncio.run(run()) == (b"", "900")


def test_a_body_that_cannot_be_unpacked_is_told(site: Site) -> None:
    site.says("/log", b"no gzip at all", Content_Encoding="gzip")
    with pytest.raises(Malformed, match="cannot be unpacked"):
        got(allowing(site), a(site, "/log"))


def chunked(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"2710\r\n" + b"x" * 10_000 + b"\r\n")


def declared(handler: Handler) -> None:
    handler.say(headers={"Content-Length": "100001"})


def bomb(handler: Handler) -> None:
    handler.say(gzip.compress(bytes(5_000_000)), headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("answer", [chunked, declared, bomb])
def test_a_body_that_is_too_large_is_not_read_to_its_end(
    site: Site, answer: Callable[[Handler], None]
) -> None:
    site.answers["/"] = answer
    with pytest.raises(TooLarge, match="larger than 100,000 bytes"):
        got(allowing(site), a(site), max_bytes=100_000)


def test_a_host_is_asked_only_so_much_at_a_time(site: Site) -> None:
    pair, lock, most = threading.Barrier(2, timeout=5), threading.Lock(), []
    inside: list[int] = []

    def answer(handler: Handler) -> None:
        with lock:
            inside.append(1)
            most.append(len(inside))
        pair.wait()  # two at a time, or this breaks
        with lock:
            inside.pop()
        handler.say(b"")

    site.answers["/"] = answer
    patience = Patience(per_host=2, pause_s=0.001)

    async def run() -> None:
        async with allowing(site, patience=patience) as client:
            await asyncio.gather(*(client.get(a(site)) for _ in range(8)))

    asyncio.run(run())
    assert (len(most), max(most)) == (8, 2)
