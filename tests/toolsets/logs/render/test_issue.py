from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.report import Verdict
from sickbay.render.markdown import fence, prose, span
from sickbay.toolsets.logs.render import markdown
from tests.toolsets.logs.render.reports import GREEN, NO_TESTS, RED, cause, failed


def test_markdown_says_verdict_causes_tests_and_counts() -> None:
    page = markdown(RED)
    assert page.startswith("### Looks like: code (86 % sure)\n\n3 tests fail")
    assert (
        "**1. lines 119-120**, rule `assertion` (92 %)\n\n```text\n    assert" in page
    )
    assert "- `AssertionError: assert 41 == 42` in 3 tests\n" in page
    assert "  - `tests/test_dose.py::test_dose[9 mg]` timed out, line 109" in page
    assert "**1 flaky test**" in page
    assert "1,040 passed, 3 failed, 1 timed out" in page


def test_green_log_is_called_green() -> None:
    assert markdown(GREEN).startswith("### No failure found\n")


@given(st.text(alphabet="`ab \n", max_size=30))
def test_nothing_closes_a_fence_from_inside(body: str) -> None:
    first, *inside, last = fence(body).split("\n")
    ticks = first.removesuffix("text")
    assert last == ticks
    assert all(ticks not in row for row in inside)


@given(st.text(alphabet="`a b", max_size=20))
def test_nothing_closes_a_code_span_from_inside(body: str) -> None:
    out = span(body)
    if not body.strip():
        assert out == ""
        return
    ticks = re.match("`+", out.split(" ")[0].split("a")[0].split("b")[0])
    assert ticks is not None
    inside = out[len(ticks[0]) : -len(ticks[0])]
    assert ticks[0] not in re.findall("`+", inside)
    assert inside.strip() == body.strip()


@pytest.mark.parametrize(
    "nasty",
    [
        pytest.param("ping @everyone now", id="mention"),
        pytest.param("<img src=x onerror=alert(1)>", id="html"),
        pytest.param("[click](javascript:1)", id="link"),
        pytest.param("see #12 and o/r#7", id="issue-reference"),
        pytest.param("https://evil.example www.evil.example", id="bare-link"),
        pytest.param("a | b\n# title", id="block-markup"),
    ],
)
def test_words_outside_code_have_no_power(nasty: str) -> None:
    said = prose(nasty)
    assert "\n" not in said
    for sign in ("@e", "://", "www.e", "#1", "#7"):
        assert sign not in said
    assert not re.search(r"(?<!\\)[<\[|#]", said)


def test_words_of_a_log_stand_in_code_wherever_they_appear() -> None:
    nasty = "@everyone <b>```\n# x"
    report = replace(
        RED,
        source=nasty,
        verdict=Verdict("code", 0.5, nasty, (nasty,)),
        causes=(cause(1, nasty),),
        tests=replace(
            NO_TESTS,
            failed=(failed(1, test_id=nasty, message=nasty),),
            flaky=(failed(2, test_id=nasty, message=nasty),),
        ),
    )
    outside = re.sub(r"(?s)(`{3,})text\n.*?\n\1\n", "", markdown(report))
    outside = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", outside)
    assert "@everyone" not in outside
    assert "<b>" not in outside.replace("\\<", "")
