from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult

from sickbay.ci.references import parsed_job
from sickbay.clients.buildkite import AsyncBuildkiteClient
from sickbay.core.errors import SickbayError
from sickbay.server.build import build_server
from tests.toolsets.buildkite.cases import BUILD, LOGS, NIGHTLY, PLACE
from tests.toolsets.buildkite.stand import CANARY, Stand, site_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sickbay.simulators.faults import Kind
    from tests.simulators.buildkite import Site

READS = frozenset({"GET", "HEAD"})
STEPS = [job for job in BUILD.jobs if job.step.kind == "manual"]
WAITING = next(job for job in STEPS if job.state == "blocked")


@pytest.fixture
def site() -> Iterator[Site]:
    with site_at(own=True) as found:
        yield found


@pytest.fixture
def writer(tmp_path: Path, site: Site) -> Stand:
    return Stand(tmp_path, site, write=True)


def writes(site: Site) -> list[tuple[str, str]]:
    return [(a.method, a.path) for a in site.asked if a.method not in READS]


def test_a_retry_is_described_before_anything_is_done(
    writer: Stand, site: Site
) -> None:
    told = writer.ask("buildkite_retry_job", job=LOGS[0])
    assert told["outcome"] == "confirmation_required"
    assert str(NIGHTLY) in told["target"]
    assert "run the job again" in told["message"].lower()
    assert any("machine" in text for text in told["consequences"])
    assert told["confirm_with"]["arguments"]["confirm"] is True
    assert not writes(site)


def test_a_retry_that_was_agreed_to_is_one_request(writer: Stand, site: Site) -> None:
    told = writer.ask("buildkite_retry_job", job=LOGS[0])
    done = writer.ask("buildkite_retry_job", **told["confirm_with"]["arguments"])
    assert done["outcome"] == "ok"
    (write,) = writes(site)
    assert write[0] == "PUT"
    assert write[1].endswith("/retry")
    build = writer.ask("buildkite_build", build=NIGHTLY, state="all")
    shown = writer.whole("buildkite_build", "jobs", build=NIGHTLY, state="all")["jobs"]
    mine = next(row for row in shown if row["job_id"] == done["job_id"])
    assert build["outcome"] == "ok"
    assert mine["ending"] == "unfinished"
    assert parsed_job(LOGS[0]).job_id in [item["job_id"] for item in mine["attempts"]]


def test_a_job_is_retried_once_and_then_its_new_attempt_is_named(
    writer: Stand, site: Site
) -> None:
    first = writer.ask("buildkite_retry_job", job=LOGS[0], confirm=True)
    again = writer.ask("buildkite_retry_job", job=LOGS[0], confirm=True)
    assert again["outcome"] == "already_done"
    assert again["job_id"] == first["job_id"]
    assert len(writes(site)) == 1


@pytest.mark.parametrize(
    ("job", "said"),
    [
        pytest.param(f"{PLACE}/{WAITING.job_id}", "never ran", id="a step"),
        pytest.param(
            f"{PLACE}/019a0000-0000-7000-a000-000000000000", "no job", id="none"
        ),
        pytest.param("buildkite:a/b/c/d", "names no job", id="no handle"),
    ],
)
def test_what_cannot_be_retried_is_told(
    writer: Stand, site: Site, job: str, said: str
) -> None:
    told = writer.ask("buildkite_retry_job", job=job, confirm=True)
    assert told["outcome"] == "error"
    assert said in told["error"]["message"]
    assert not writes(site)


def test_a_job_that_was_retried_meanwhile_is_not_retried_twice(
    writer: Stand, site: Site
) -> None:
    told = writer.ask("buildkite_retry_job", job=LOGS[0])
    path = site.builds(NIGHTLY, "jobs", parsed_job(LOGS[0]).job_id, "retry")
    assert site.put(path, token=CANARY).status_code == 200
    done = writer.ask("buildkite_retry_job", **told["confirm_with"]["arguments"])
    assert done["outcome"] == "already_done"


def test_a_step_is_unblocked_with_its_fields(writer: Stand, site: Site) -> None:
    step = f"{PLACE}/{WAITING.job_id}"
    told = writer.ask("buildkite_unblock_job", job=step, fields={"why": "a look"})
    assert told["outcome"] == "confirmation_required"
    assert "field why: a look" in told["consequences"]
    done = writer.ask("buildkite_unblock_job", **told["confirm_with"]["arguments"])
    assert done["outcome"] == "ok"
    assert "why" in repr(site.world.changes)
    again = writer.ask("buildkite_unblock_job", job=step, confirm=True)
    assert again["outcome"] == "already_done"


def test_only_a_step_that_waits_can_be_unblocked(writer: Stand, site: Site) -> None:
    told = writer.ask("buildkite_unblock_job", job=LOGS[0], confirm=True)
    assert "is a script job" in told["error"]["message"]
    assert not writes(site)


def scanned(writer: Stand) -> dict[str, Any]:
    scan = writer.whole("buildkite_scan_build", "causes", build=NIGHTLY)
    new = next(
        cause
        for cause in scan["causes"]
        if not (cause["issue"] and cause["issue"]["state"] == "open")
    )
    return {"scan": scan["scan_id"], "cause_id": new["cause_id"]}


def test_the_whole_text_of_an_issue_is_shown_before(writer: Stand, site: Site) -> None:
    told = writer.ask("buildkite_create_issue", **scanned(writer))
    assert told["outcome"] == "confirmation_required"
    done = writer.ask("buildkite_create_issue", **told["confirm_with"]["arguments"])
    ((_, issue),) = site.world.changes
    assert (done["number"], done["url"]) == (issue.number, done["url"])
    for part in (issue.title, *issue.body.replace("\u200b", "").split("\n")):
        assert part in told["message"]
    assert issue.labels == ("ci-failure",)
    assert "### Logs" in issue.body


def test_an_issue_that_is_there_already_is_not_opened_again(
    writer: Stand, site: Site
) -> None:
    named = scanned(writer)
    first = writer.ask("buildkite_create_issue", **named, confirm=True)
    again = writer.ask("buildkite_create_issue", **named, confirm=True)
    assert again["outcome"] == "already_done"
    assert (again["number"], again["url"]) == (first["number"], first["url"])
    assert len(site.world.changes) == 1


def test_an_issue_has_the_title_text_and_labels_that_are_given(
    writer: Stand, site: Site
) -> None:
    given = {"title": "It\nbroke", "body": "See\u202e the log", "labels": ["x", "x"]}
    writer.ask("buildkite_create_issue", **scanned(writer), **given, confirm=True)
    ((_, issue),) = site.world.changes
    assert (issue.title, issue.body) == ("It broke", "See the log\n")
    assert issue.labels == ("ci-failure", "x")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"title": "x" * 300}, id="title"),
        pytest.param({"body": "x" * 9_000}, id="body"),
        pytest.param({"labels": [f"l{n}" for n in range(20)]}, id="labels"),
        pytest.param({"cause_id": "no such cause"}, id="cause"),
        pytest.param({"scan": "61-0123456789"}, id="scan"),
    ],
)
def test_an_issue_that_makes_no_sense_is_refused(
    writer: Stand, site: Site, given: dict[str, Any]
) -> None:
    asked = {**scanned(writer), **given}
    told = writer.ask("buildkite_create_issue", **asked, confirm=True)
    assert told["error"]["kind"] in {"bad_request", "not_found"}
    assert not writes(site)


def test_where_github_does_not_answer_the_question_says_so(tmp_path: Path) -> None:
    with site_at(own=True) as site:
        writer = Stand(tmp_path, site, write=True)
        named = scanned(writer)
        site.faults.share, site.faults.kinds = 1.0, ("500",)
        site.faults.only = "/github/"
        told = writer.ask("buildkite_create_issue", **named)
        done = writer.ask("buildkite_create_issue", **named, confirm=True)
    assert told["outcome"] == "confirmation_required"
    assert "there may be one already" in told["message"]
    assert done["outcome"] == "unknown"


def test_a_user_who_says_no_is_the_end_of_it(tmp_path: Path, site: Site) -> None:
    stand = Stand(tmp_path, site, write=True)
    asked = []

    async def declined(message: str, *_: object) -> ElicitResult[Any]:
        asked.append(message)
        return ElicitResult(action="decline")

    async def work() -> dict[str, Any]:
        server = build_server(stand.settings)
        async with Client(server.mcp, elicitation_handler=declined) as client:
            given = {"job": LOGS[0], "confirm": True}
            answer = await client.call_tool("buildkite_retry_job", given)
        return answer.structured_content or {}

    assert asyncio.run(work())["outcome"] == "declined"
    assert "Run the job again" in asked[0]
    assert not writes(site)


def test_without_writes_there_are_no_tools_that_change_something(stand: Stand) -> None:
    async def listed(client: Client[Any]) -> set[str]:
        return {tool.name for tool in await client.list_tools()}

    names = stand.with_client(listed)
    assert "buildkite_build" in names
    assert not names & {
        "buildkite_retry_job",
        "buildkite_unblock_job",
        "buildkite_create_issue",
    }


def test_a_client_that_only_reads_refuses_to_change_anything(site: Site) -> None:
    async def work() -> None:
        async with AsyncBuildkiteClient(site.url, token=CANARY) as client:
            await client.retry(parsed_job(LOGS[0]))

    with pytest.raises(SickbayError):
        asyncio.run(work())
    assert not writes(site)


def test_a_token_that_may_not_write_is_told(tmp_path: Path) -> None:
    with site_at(own=True, tokens={CANARY: frozenset({"read_builds"})}) as site:
        told = Stand(tmp_path, site, write=True).ask(
            "buildkite_retry_job", job=LOGS[0], confirm=True
        )
    assert told["error"]["kind"] == "denied"
    assert "write_builds" in f"{told['error']['message']} {told['error']['hint']}"


def test_a_scan_after_a_retry_does_not_tell_of_before(writer: Stand) -> None:
    states: list[bool] = []

    async def scan_and_retry(client: Any) -> None:  # noqa: ANN401 - of fastmcp
        for tool, given in (
            ("buildkite_scan_build", {"build": NIGHTLY}),
            ("buildkite_retry_job", {"job": LOGS[0], "confirm": True}),
            ("buildkite_scan_build", {"build": NIGHTLY}),
        ):
            answer = await client.call_tool(tool, given)
            if info := answer.structured_content.get("build_info"):
                states.append(info["finished"])

    writer.with_client(scan_and_retry)
    assert states == [True, False]


@pytest.mark.parametrize("kind", ["reset", "cut", "html"])
def test_attack_a_lost_answer_is_neither_done_nor_failed_and_nothing_is_done_twice(
    writer: Stand, site: Site, kind: Kind
) -> None:
    told = writer.ask("buildkite_retry_job", job=LOGS[0])
    ref = parsed_job(LOGS[0])
    builds = site.builds(NIGHTLY)
    site.faults.planned[f"{builds}/jobs/{ref.job_id}/retry"] = [kind]
    lost = writer.ask("buildkite_retry_job", **told["confirm_with"]["arguments"])
    assert (lost["outcome"], lost["error"]) == ("unknown", None)
    assert "it may have been done all the same" in lost["message"]
    writer.ask("buildkite_retry_job", **told["confirm_with"]["arguments"])
    jobs = site.get(f"{builds}?include_retried_jobs=true", token=CANARY).json()["jobs"]
    sources = [job.get("retry_source") or {} for job in jobs]
    assert [one.get("job_id") for one in sources].count(ref.job_id) == 1


def test_attack_whom_an_issue_would_call_is_said_before(writer: Stand) -> None:
    named = scanned(writer)
    quiet = writer.ask("buildkite_create_issue", **named)
    assert not any("it mentions" in text for text in quiet["consequences"])
    body = "cc @acme/everybody, me@example.com `@pytest` @ann"
    told = writer.ask("buildkite_create_issue", **named, body=body)
    assert "it mentions @acme/everybody, @ann" in told["consequences"]
