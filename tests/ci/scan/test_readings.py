"""What a line of a failure speaks of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.scan import readings
from sickbay.ci.scan.readings import reading


@pytest.mark.parametrize(
    ("line", "trouble"),
    [
        pytest.param(
            "docker: Error response from daemon: toomanyrequests: rate exceeded",
            "outage",
            id="registry",
        ),
        pytest.param(
            "error: Failed to fetch: `https://index.acme.io/simple/numpy/`",
            "outage",
            id="package index",
        ),
        pytest.param(
            "OSError: [Errno 28] No space left on device", "sick_agent", id="disk"
        ),
        pytest.param(
            "RuntimeError: CUDA error: uncorrectable ECC error encountered",
            "sick_agent",
            id="memory of the device",
        ),
        pytest.param(
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
            "out_of_memory",
            id="memory",
        ),
        pytest.param("# The agent has been lost", "agent_lost", id="agent"),
    ],
)
def test_a_machines_words_say_what_is_wrong_with_it(line: str, trouble: str) -> None:
    found = reading(line)
    assert found is not None
    assert (found.trouble, found.machine) == (trouble, True)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            "ConnectionRefusedError: 127.0.0.1:8000: refused", id="own server"
        ),
        pytest.param("ERROR: No matching distribution found for vllm==9", id="no such"),
        pytest.param("OSError: [Errno 98] Address already in use", id="port"),
        pytest.param("TimeoutError: the reader had to wait too long", id="time-out"),
        pytest.param("ValueError: the norm is far off", id="value"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_code_may_do_is_not_held_against_a_machine(line: str) -> None:
    found = reading(line)
    assert found is None or not found.machine


def test_the_service_that_was_missed_is_named() -> None:
    found = reading("fatal: unable to access 'https://git.acme.io/ml.git/': 503")
    assert found is not None
    assert found.service == "git.acme.io"


def test_a_file_is_no_service() -> None:
    found = reading("client.py: ConnectionResetError: Connection reset by peer")
    assert found is not None
    assert found.service is None


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = reading(text)
    assert found is None or 0 <= found.weight <= 1


def test_without_the_sieve_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    line = "RuntimeError: CUDA driver initialization failed, you might have no GPU"
    found = readings.reading(line)
    monkeypatch.setattr(readings, "_sieve", lambda: None)
    assert found is not None
    assert readings.reading(f"{line} ") == found
