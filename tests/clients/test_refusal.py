from __future__ import annotations

import pytest

from sickbay.clients.refusal import retry_after_s
from sickbay.clients.reply import Reply


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        pytest.param("5", 5.0, id="seconds"),
        pytest.param("Mon, 13 Jul 2020 12:00:00 GMT", 0.0, id="long ago"),
        pytest.param("Mon, 13 Jul 2026 12:00:00 +" + "9" * 20, None, id="no zone"),
        pytest.param("Mon, 13 Jul 99999 12:00:00 GMT", None, id="no year"),
        pytest.param("soon", None, id="words"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_a_wait_of_any_kind_is_one_or_none(said: str, wait_s: float | None) -> None:
    reply = Reply(
        url="https://a.b", status=429, headers={"Retry-After": said}, body=b""
    )
    assert retry_after_s(reply) == wait_s
