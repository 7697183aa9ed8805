from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.handles import handle, parsed
from sickbay.core.errors import BadRequest

NAMES = st.text("azAZ09_.-", min_size=1, max_size=20)
REPOS = st.builds("{}/{}".format, NAMES, NAMES)


@given(st.integers(0, 10**15), REPOS)
def test_a_handle_leads_back_to_its_job(job_id: int, repo: str) -> None:
    assert parsed(handle(job_id, repo=repo, usual=repo)) == (None, job_id)
    assert parsed(handle(job_id, repo=repo, usual="x")) == (repo, job_id)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("hud:", id="empty"),
        pytest.param("hud:abc", id="letters"),
        pytest.param("hud:a/b/c/1", id="too many parts"),
        pytest.param("hud:../1", id="dots"),
        pytest.param("log:1", id="other scheme"),
        pytest.param("hud:\u0661", id="other digits"),
        pytest.param("hud:" + "1" * 99, id="too long"),
    ],
)
def test_what_names_no_job_is_refused_with_what_does(name: str) -> None:
    with pytest.raises(BadRequest, match="names no job"):
        parsed(name)
