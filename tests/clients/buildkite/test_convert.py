from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.buildkite import convert, wire
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import Malformed
from tests.clients.buildkite.desk import REF

JOB = Tolerant(wire.Job)
WEB = "https://buildkite.com"


def attempt(**fields: Any) -> Any:  # noqa: ANN401 - an Attempt
    body = msgspec.json.encode({"id": "j-1", "type": "script", **fields})
    return convert.attempt(JOB(body).value, REF, sha="abc", url=f"{WEB}/x")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"state": "failed"}, ("fail", "failed"), id="failed"),
        pytest.param({"state": "timed_out"}, ("timed_out", "timed_out"), id="late"),
        pytest.param(
            {"state": "expired"}, ("startup_failure", "expired"), id="expired"
        ),
        pytest.param({"state": "broken"}, ("skipped", "broken"), id="broken"),
        pytest.param({"state": "canceled"}, ("cancelled", "canceled"), id="canceled"),
        pytest.param({"state": "running"}, ("pending", None), id="running"),
        pytest.param({"state": "scheduled"}, ("queued", None), id="scheduled"),
        pytest.param({"state": "blocked"}, ("action_required", None), id="blocked"),
        pytest.param({"state": "brand_new"}, ("unknown", "brand_new"), id="unheard of"),
        pytest.param({}, ("unknown", None), id="silent"),
    ],
)
def test_not_passed_is_not_failed(
    fields: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    found = attempt(**fields)
    assert (found.state, found.conclusion) == expected
    assert found.failed == (expected[0] in {"fail", "timed_out", "startup_failure"})


def test_exit_status_and_signal_are_taken_over() -> None:
    found = attempt(
        state="failed",
        exit_status=-1,
        signal="SIGKILL",
        signal_reason="agent_stop",
        soft_failed=True,
    )
    assert (found.exit_status, found.signal, found.signal_reason) == (
        *(-1, "SIGKILL", "agent_stop"),
    )
    assert found.soft_failed


def test_shards_of_one_name_have_places_of_their_own() -> None:
    one, two = (
        attempt(name="Kernels", step_key="k", parallel_group_index=at, state="failed")
        for at in (0, 1)
    )
    assert (one.name, one.place, two.place) == ("Kernels", ("k", 0), ("k", 1))


@pytest.mark.parametrize(
    ("fields", "queue"),
    [
        ({"agent": {"meta_data": ["a=1", "queue=gpu_1"]}}, "gpu_1"),
        ({"agent_query_rules": ["queue=cpu"]}, "cpu"),
        ({"agent": {"meta_data": []}, "agent_query_rules": ["queue=cpu"]}, "cpu"),
        ({"agent_query_rules": ["queue=", "os=linux"]}, None),
        ({}, None),
    ],
)
def test_the_queue_is_the_agent_s_or_the_one_asked_for(
    fields: dict[str, Any], queue: str | None
) -> None:
    assert attempt(**fields).queue == queue


def test_a_job_that_never_ran_has_no_log() -> None:
    assert attempt(state="expired").log is None
    assert attempt(state="blocked", type="manual").log is None
    assert attempt(state="failed").log == "buildkite:vllm/ci/5/j-1"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:x", "ftp://x", None])
def test_a_link_of_another_kind_is_not_shown(url: str | None) -> None:
    assert attempt(web_url=url).url == f"{WEB}/x#j-1"
    found = convert.build(wire.Build(web_url=url), REF, web_url=WEB)
    assert found.url == f"{WEB}/vllm/ci/builds/5"


def test_what_is_unknown_of_a_build_is_none_and_not_made_up() -> None:
    found = convert.build(wire.Build(), REF, web_url=WEB)
    assert (found.created_at, found.finished_at, found.author) == (None, None, None)
    assert (found.branch, found.sha, found.state) == ("", "", "")


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        ({"name": "Ada", "email": "ada@example.org"}, "Ada <ada@example.org>"),
        ({"username": "ada"}, "ada"),
        ({"email": "ada@example.org"}, "ada@example.org"),
        ({}, None),
    ],
)
def test_a_person_is_shown_by_name_and_address(
    person: dict[str, str], shown: str | None
) -> None:
    found = wire.Build(author=wire.Person(**person))
    assert convert.build(found, REF, web_url=WEB).author == shown


@pytest.mark.parametrize(("told", "number"), [("12", 12), (12, 12), ("x", None)])
def test_a_pull_request_is_a_number(told: Any, number: int | None) -> None:  # noqa: ANN401 - as sent
    found = wire.Build(pull_request=wire.Pull(id=told))
    assert convert.build(found, REF, web_url=WEB).pull_request == number


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from([field.name for field in msgspec.structs.fields(wire.Job)])


@given(st.dictionaries(FIELDS, JSON, max_size=12))
def test_a_job_with_fields_of_any_type_is_read(fields: dict[str, Any]) -> None:
    try:
        found = JOB(msgspec.json.encode(fields)).value
    except Malformed:
        return
    made = convert.attempt(found, REF, url=f"{WEB}/x")
    assert made.name
    assert made.duration_s is None or made.duration_s >= 0


def test_a_soft_failure_is_that_of_the_job_and_not_of_its_name() -> None:
    soft, hard = (
        attempt(id=name, name="Kernels", state="failed", soft_failed=name == "soft")
        for name in ("soft", "hard")
    )
    assert (soft.name, soft.soft_failed) == (hard.name, True)
    assert not hard.soft_failed


@pytest.mark.parametrize(
    "job_id", ["../../x", "..", "a/b", "a b", "a\0b", "", "x" * 300, "\u00e9"]
)
def test_attack_an_id_that_leads_elsewhere_is_none(job_id: str) -> None:
    found = attempt(id=job_id, state="failed", retried_in_job_id=job_id)
    assert (found.job_id, found.log, found.retried_in) == (None, None, None)
    assert found.url == f"{WEB}/x"


@pytest.mark.parametrize(
    "fields",
    [
        {"created_at": "0001-01-01T00:00:00+23:00"},
        {"created_at": "9999-12-31T23:59:59-23:00"},
        {"pull_request": {"id": "9" * 5000}},
        {"web_url": "http://[x/vllm/ci/builds/9"},
    ],
    ids=["before all years", "after them", "endless number", "no address"],
)
def test_attack_what_python_cannot_hold_is_unknown(fields: dict[str, Any]) -> None:
    told = Tolerant(wire.Build)(msgspec.json.encode(fields)).value
    found = convert.build(told, convert.place(told, REF), web_url=WEB)
    assert (found.number, found.created_at, found.pull_request) == (5, None, None)


def test_jobs_without_an_id_are_left_out_and_counted() -> None:
    jobs = [{"type": "script", "state": "failed"}, {"id": "j-1"}, {"type": "waiter"}]
    told = Tolerant(wire.Build)(msgspec.json.encode({"jobs": jobs})).value
    found = convert.build(told, REF, web_url=WEB, why="it is cut")
    assert [one.kind for one in found.attempts] == ["script", "waiter"]
    assert found.why == "it is cut; 1 of its jobs have no id"
