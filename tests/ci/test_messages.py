from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.messages import fixed_issues


@pytest.mark.parametrize(
    ("message", "issues"),
    [
        pytest.param("Fixes #12 and closes #13.", {12, 13}, id="two"),
        pytest.param("fix: #7", {7}, id="colon"),
        pytest.param("Resolves org/repo#8", {8}, id="of a repository"),
        pytest.param("Fixed https://github.com/o/r/issues/9", {9}, id="address"),
        pytest.param("See #12, prefixes #3", set(), id="mentioned only"),
        pytest.param("", set(), id="empty"),
    ],
)
def test_issues_that_a_message_says_to_fix(message: str, issues: set[int]) -> None:
    assert fixed_issues(message) == issues


@given(st.text(), st.integers(1, 10**8), st.text())
def test_whatever_stands_around_it(before: str, issue: int, after: str) -> None:
    assert issue in fixed_issues(f"{before}\nFixes #{issue} {after}")
