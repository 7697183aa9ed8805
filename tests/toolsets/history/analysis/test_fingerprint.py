from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.history.models import Run
from sickbay.toolsets.history.analysis.fingerprint import LONGEST, fingerprint, said


def run(exception: str | None, message: str | None) -> Run:
    return Run(
        build_id="1", job_id="1", outcome="failed", exception=exception, message=message
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "took 12.5 s of 300 MiB", "took <NUM> of <NUM>", id="numbers with units"
        ),
        pytest.param("rows 512 and 1,024", "rows <NUM> and <NUM>", id="integers"),
        pytest.param("loss 0.25 is 3.5e-3", "loss <NUM> is <NUM>", id="fractions"),
        pytest.param(
            "exit code 137 in worker.py:88",
            "exit code 137 in worker.py:<NUM>",
            id="what tells stays",
        ),
        pytest.param("at 0x7f00c0de", "at <HEX>", id="an address is no number"),
        pytest.param("\x1b[31mit broke\x1b[0m", "it broke", id="colours"),
    ],
)
def test_what_varies_is_masked_and_numbers_are_called_so(
    text: str, expected: str
) -> None:
    assert fingerprint(text) == expected


def test_failures_that_differ_in_numbers_have_one_fingerprint() -> None:
    one, other = "expected 4096 rows, got 17", "expected 2048 rows, got 231"
    assert fingerprint(one) == fingerprint(other)


@given(st.text())
def test_no_text_breaks_it_or_makes_it_long(text: str) -> None:
    assert len(fingerprint(text)) <= LONGEST


@pytest.mark.parametrize(
    ("exception", "message", "expected"),
    [
        pytest.param("ValueError", "no", "ValueError: no", id="both"),
        pytest.param("a.b.ValueError", "ValueError: no", "ValueError: no", id="twice"),
        pytest.param("ValueError", None, "ValueError", id="only the exception"),
        pytest.param(None, " no\n", "no", id="only the message"),
        pytest.param(None, None, None, id="nothing"),
    ],
)
def test_a_failure_says_its_exception_and_message(
    exception: str | None, message: str | None, expected: str | None
) -> None:
    assert said(run(exception, message)) == expected
