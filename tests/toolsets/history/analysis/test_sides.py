from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import BadRequest
from sickbay.toolsets.history.analysis.sides import OneBranch, OneBuild, Period, side

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("64854", OneBuild("64854"), id="number"),
        pytest.param(" 64854 ", OneBuild("64854"), id="number in blanks"),
        pytest.param(
            "https://ci.example/b/1", OneBuild("https://ci.example/b/1"), id="address"
        ),
        pytest.param(
            "buildkite:vllm/ci/64854", OneBuild("buildkite:vllm/ci/64854"), id="handle"
        ),
        pytest.param("1234567d", OneBuild("1234567d"), id="sha like a time"),
        pytest.param("branch:release/1.0", OneBranch("release/1.0"), id="branch"),
    ],
)
def test_a_text_means_a_build_or_a_branch(text: str, meant: object) -> None:
    assert side(text, now=NOW) == meant


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [
        pytest.param("7d", NOW - timedelta(days=7), NOW, id="age"),
        pytest.param(
            "2026-05-01..2026-05-08",
            datetime(2026, 5, 1, tzinfo=UTC),
            datetime(2026, 5, 8, tzinfo=UTC),
            id="two days",
        ),
    ],
)
def test_a_text_means_a_period(text: str, start: datetime, stop: datetime) -> None:
    meant = side(text, now=NOW)
    assert isinstance(meant, Period)
    assert (meant.range.start, meant.range.stop) == (start, stop)
    assert meant.before.range.stop == start
    assert meant.before.range.start == start - (stop - start)


@pytest.mark.parametrize("text", ["", "  ", "branch:"])
def test_what_names_nothing_is_refused_with_what_may_be_named(text: str) -> None:
    with pytest.raises(BadRequest) as caught:
        side(text, now=NOW)
    assert "branch:NAME" in caught.value.hint


@given(st.text())
def test_any_text_means_something_or_is_refused(text: str) -> None:
    try:
        meant = side(text, now=NOW)
    except BadRequest:
        return
    assert isinstance(meant, (OneBuild, OneBranch, Period))
