from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.masks import mask

MASKED = [
    pytest.param("2021-12-01T13:00:40.1077661Z hi", "<TIME> hi", id="iso-time"),
    pytest.param("[12:33:10,123] hi", "[<TIME>] hi", id="clock"),
    pytest.param("on 12/31/2025 at", "on <TIME> at", id="date"),
    pytest.param("Mon Nov 21 12:32:55", "<DAY> <TIME>", id="weekday"),
    pytest.param("in 0.35s, 12 minutes", "in <DUR>, <DUR>", id="durations"),
    pytest.param("after 1h2m3.5s", "after <DUR>", id="compound-duration"),
    pytest.param("20.00 MiB of 39 GB", "<SIZE> of <SIZE>", id="sizes"),
    pytest.param("12.3 MB/s, 5.1it/s", "<SIZE>, <RATE>", id="speeds"),
    pytest.param("[ 57%] ok", "[ <PCT>] ok", id="percentage"),
    pytest.param("at 10.0.0.12:8080", "at <IP>", id="address-and-port"),
    pytest.param("localhost:43211", "localhost:<N>", id="port"),
    pytest.param("object at 0x7f12abc>", "object at <HEX>>", id="pointer"),
    pytest.param("HEAD is 3f2a91bc4d", "HEAD is <HEX>", id="short-sha"),
    pytest.param("a1" * 20, "<SHA>", id="sha"),
    pytest.param("550e8400-e29b-41d4-a716-446655440000", "<UUID>", id="uuid"),
    pytest.param("loss 0.123 1e-05", "loss <F> <F>", id="floats"),
    pytest.param("12 of 345", "<N> of <N>", id="integers"),
    pytest.param("/tmp/tmpab12cd/x.py", "<TMP>/x.py", id="temporary-folder"),  # noqa: S108 - no file
    pytest.param("/tmp/pytest-of-ci/pytest-7/test_a0/f", "<TMP>/f", id="pytest-folder"),  # noqa: S108 - no file
    pytest.param("[gw3] died", "[<WORKER>] died", id="xdist-worker"),
    pytest.param("pool-1-thread-3 x", "pool-<WORKER> x", id="java-thread"),
    pytest.param("(pid=7)", "(pid=<N>)", id="pid"),
    pytest.param("foo.c:12:5: error", "foo.c:<L>: error", id="gcc-place"),
    pytest.param("Foo.java:[3,13] cannot", "Foo.java:<L> cannot", id="maven-place"),
    pytest.param("a.cs(12,5): error", "a.cs:<L>: error", id="dotnet-place"),
    pytest.param('File "x.py", line 7', 'File "x.py", line <N>', id="line"),
    pytest.param("a     b", "a b", id="padding"),
]
KEPT = [
    pytest.param("[Errno 111] Connection refused", id="errno"),
    pytest.param("Process completed with exit code 137.", id="exit-code"),
    pytest.param("exit status 101", id="exit-status"),
    pytest.param("terminated by signal 11 (SIGSEGV)", id="signal"),
    pytest.param("HTTPError: 503 Server Error: Service Unavailable", id="http-error"),
    pytest.param("The requested URL returned error: 404", id="curl-http"),
    pytest.param("HTTP/1.1 502 Bad Gateway", id="http-line"),
    pytest.param("CUDA error 803: system has unsupported driver", id="cuda-error"),
    pytest.param("Python 3.11.4", id="python-version"),
    pytest.param("torch-2.7.1+cu126-cp311", id="wheel-version"),
    pytest.param("numpy==2.1", id="pinned-version"),
    pytest.param("expected float32 but got int64", id="dtype"),
    pytest.param("test_case_12 x86_64 utf8", id="names"),
    pytest.param("Failures: 1, Errors: 0", id="one-digit"),
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_what_varies_becomes_a_token(text: str, expected: str) -> None:
    assert mask(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_what_names_the_failure_stays(text: str) -> None:
    assert mask(text) == text


def test_xid_number_stays_and_its_bus_address_goes() -> None:
    line = "NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus."
    assert mask(line) == ("NVRM: Xid (<PCI>): 79, pid=<N>, GPU has fallen off the bus.")


def test_shape_keeps_its_rank() -> None:
    assert mask("Size([16, 32, 4])") == "Size([<N>, <N>, 4])"


def test_same_shape_of_another_value_is_not_confused_with_hexadecimal() -> None:
    assert mask("1x1234") == "1x1234"
    assert mask("0x1234") == "<HEX>"


LIKELY = st.lists(
    st.sampled_from(
        [
            *"0123456789abcdefxZ :/.,-_+%()[]<>=#\n\t'",
            *(
                " 12",
                "00:00",
                "code ",
                "line ",
                "error",
                "/tmp/",  # noqa: S108 - no file
                ".py:",
                "Xid (",
                "): ",
            ),
            *(
                "Nov 1",
                "Mon ",
                " MB",
                "s",
                "<N>",
                "<DAY>",
                "pytest-of-",
                "version ",
                "==",
            ),
            *(
                "0x",
                "1.2.3",
                "e-5",
                "-thread-",
                "gw",
                "deadbeef1",
                "HTTP ",
                " Not Found",
            ),
        ]
    ),
    max_size=30,
).map("".join)


@given(LIKELY | st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


@given(LIKELY | st.text())
def test_many_lines_are_masked_as_each_alone(text: str) -> None:
    assert mask(text).split("\n") == [mask(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    "unit",
    ["1", "a1", "1.", "1-", "0:", "12:", ".a:1", " 1s", "/tmp/", "1 ", "ab1+"],  # noqa: S108 - no file
)
def test_long_line_takes_no_longer_per_character(unit: str) -> None:
    # A quadratic pattern would need minutes for this, and run into the time limit.
    line = unit * (1_000_000 // len(unit))
    assert mask(line).count("\n") == 0
