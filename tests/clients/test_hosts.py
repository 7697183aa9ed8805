from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.hosts import Host, Hosts, is_public, parse_host
from sickbay.core.errors import BadRequest, Denied, SickbayError

HOSTS = Hosts(
    [
        parse_host(h)
        for h in ("logs.example.org", "*.ci.example", "10.1.2.3:8080", "[::1]:90")
    ],
    setting="SICKBAY_LOGS__HOSTS",
)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        pytest.param("Logs.Example.org", Host("logs.example.org"), id="name"),
        pytest.param("a.example:8443", Host("a.example", 8443), id="port"),
        pytest.param("*.example", Host("*.example"), id="suffix"),
        pytest.param("*.example:81", Host("*.example", 81), id="suffix and port"),
        pytest.param(
            "a.corp+private", Host("a.corp", None, private=True), id="private"
        ),
        pytest.param(
            "a:80+private", Host("a", 80, private=True), id="port and private"
        ),
        pytest.param("10.0.0.1", Host("10.0.0.1", None, private=True), id="address"),
        pytest.param("[::1]:80", Host("::1", 80, private=True), id="IPv6"),
        pytest.param("[0::0:1]", Host("::1", None, private=True), id="long IPv6"),
        pytest.param("localhost:1", Host("localhost", 1, private=True), id="localhost"),
    ],
)
def test_an_allowed_host_is_written_so(text: str, host: Host) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.",
        "a.*.b",
        "a b",
        "http://a",
        "a:b",
        "a/b",
        "::1",
        "*.a+private",
        "ä.de",
    ],
)
def test_what_is_no_host_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(BadRequest, match="no host to allow") as refused:
        parse_host(text)
    assert "*.suffix" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "url"),
    [
        pytest.param(
            "https://logs.example.org/a?b=c#d",
            "https://logs.example.org/a?b=c",
            id="name",
        ),
        pytest.param(
            "HTTP://LOGS.example.ORG./a", "http://logs.example.org/a", id="dot"
        ),
        pytest.param("https://x.y.ci.example/", "https://x.y.ci.example/", id="suffix"),
        pytest.param("http://10.1.2.3:8080/", "http://10.1.2.3:8080/", id="address"),
        pytest.param("http://[0:0::1]:90/", "http://[::1]:90/", id="IPv6"),
    ],
)
def test_an_allowed_url_is_made_canonical(text: str, url: str) -> None:
    assert str(HOSTS.url(text)) == url


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://example.org/", id="parent"),
        pytest.param("https://evil.org/logs.example.org", id="name in the path"),
        pytest.param("https://logs.example.org.evil.org/", id="name as a beginning"),
        pytest.param("https://xlogs.example.org/", id="name as an end"),
        pytest.param("https://ci.example/", id="the suffix alone"),
        pytest.param("https://xci.example/", id="the suffix glued on"),
        pytest.param("https://logs.example.org:8443/", id="another port"),
        pytest.param("https://logs.example.org:0/", id="port 0"),
        pytest.param("https://logs.example.org:99999/", id="no port"),
        pytest.param("http://10.1.2.3/", id="not its port"),
        pytest.param("http://0x0a010203:8080/", id="hexadecimal"),
        pytest.param("http://167838211:8080/", id="decimal"),
        pytest.param("http://012.1.2.3:8080/", id="octal"),
        pytest.param("http://127.1/", id="short"),
        pytest.param("http://localhost/", id="localhost"),
        pytest.param("http://[::ffff:10.1.2.3]:8080/", id="mapped"),
    ],
)
def test_another_host_is_refused_with_the_allowed_ones(url: str) -> None:
    with pytest.raises((Denied, BadRequest)) as refused:
        HOSTS.url(url)
    if isinstance(refused.value, Denied):
        assert "logs.example.org, *.ci.example, 10.1.2.3:8080" in refused.value.hint
        assert "SICKBAY_LOGS__HOSTS" in refused.value.hint


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("ftp://logs.example.org/", id="ftp"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("gopher://logs.example.org/", id="gopher"),
        pytest.param("//logs.example.org/", id="none"),
        pytest.param("logs.example.org", id="name alone"),
        pytest.param("https://me@logs.example.org/", id="name"),
        pytest.param("https://me:pass@logs.example.org/", id="password"),
        pytest.param("https://logs.example.org:x@evil.org/", id="host as a name"),
        pytest.param("https://logs.example.org\\@evil.org/", id="backslash"),
        pytest.param("https://logs.example.org/\r\nX-A: b", id="line end"),
        pytest.param("https://logs.example.org/\x00", id="NUL"),
        pytest.param("https:// logs.example.org/", id="space"),
        pytest.param("https://", id="nothing"),
        pytest.param("https://[::1/", id="half an address"),
    ],
)
def test_what_is_no_url_to_fetch_is_a_bad_request(url: str) -> None:
    with pytest.raises(BadRequest):
        HOSTS.url(url)


@given(st.text(max_size=30))
def test_whatever_is_given_as_a_url_leads_to_an_allowed_host_or_an_error(
    text: str,
) -> None:
    for url in (text, f"https://{text}", f"https://logs.example.org{text}"):
        try:
            checked = HOSTS.url(url)
        except SickbayError:
            continue
        assert checked.host == "logs.example.org" or checked.host.endswith(
            ".ci.example"
        )
        assert httpx2.URL(str(checked)).host == checked.host


NOT_PUBLIC = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1"),  # noqa: S104 - to be refused
    *("192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200"),
    *("168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1"),
    *("198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "fe80::1", "fe80::1%lo", "fc00::1"),
    *("fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "2001::1", "3fff::1"),
    *("2002:7f00:1::", "2002:808:808::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe"),
    *("::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::808:808"),
    *("100::1", "4000::1"),
]
PUBLIC = [
    *("8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8"),
    *("64:ff9b::808:808", "172.32.0.1", "100.128.0.1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(Denied, match="not public") as refused:
        HOSTS.checked("logs.example.org", 443, ["8.8.8.8", address])
    assert refused.value.hint.endswith("logs.example.org+private")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_known(address: str) -> None:
    assert is_public(address)
    assert HOSTS.checked("logs.example.org", 443, [address]) == [address]


def test_only_the_very_host_may_have_a_private_address() -> None:
    hosts = Hosts([parse_host("*.corp"), parse_host("logs.corp:81+private")])
    assert hosts.checked("logs.corp", 81, ["10.0.0.1"])
    for name, port in (("other.corp", 80), ("logs.corp", 80), ("logs.corp", 443)):
        with pytest.raises(Denied):
            hosts.checked(name, port, ["10.0.0.1"])
