from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sickbay.core.errors import BadRequest, Denied, NotFound, TooLarge, Unavailable
from tests.clients.buildkite.desk import (
    BUILD,
    JOB,
    asked,
    failed,
    job_of,
    joined,
    nightly,
)

if TYPE_CHECKING:
    from sickbay.ci.references import JobRef
    from sickbay.clients.buildkite import AsyncBuildkiteClient, LogTail
    from tests.clients.site import Handler
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site

LOG = f"{BUILD}/5/jobs/j-1/log"
TEXT = b"".join(b"line %d\n" % number for number in range(20_000))


async def whole(buildkite: AsyncBuildkiteClient) -> bytes:
    return await joined(buildkite.log(JOB))


def end(max_bytes: int) -> Any:  # noqa: ANN401 - some work
    async def work(buildkite: AsyncBuildkiteClient) -> LogTail:
        return await buildkite.log_tail(JOB, max_bytes)

    return work


async def known(buildkite: AsyncBuildkiteClient, site: Site) -> JobRef:
    build = await buildkite.build(nightly(site))
    return job_of(build, failed(build))


def test_a_log_its_size_and_its_end_are_the_same_log(site: Site) -> None:
    async def work(buildkite: AsyncBuildkiteClient) -> None:
        ref = await known(buildkite, site)
        text = await joined(buildkite.log(ref))
        assert len(text) == await buildkite.log_size(ref)
        tail = await buildkite.log_tail(ref, 100)
        assert (tail.data, tail.bytes_total, tail.whole) == (
            *(text[-100:], len(text)),
            False,
        )
        all_of_it = await buildkite.log_tail(ref, len(text))
        assert (all_of_it.data, all_of_it.whole) == (text, True)

    asked(site, work)
    assert [one.method for one in site.asked].count("HEAD") == 1
    assert {one.headers.get("accept") for one in site.asked[1:]} == {"text/plain"}


@pytest.mark.parametrize("state", ["running", "passed"])
def test_who_reads_a_log_is_told_whether_the_job_still_ran(
    written: Written, state: str
) -> None:
    job = b'{"id": "j-1", "type": "script", "state": "%s"}' % state.encode()
    written.says(LOG.removesuffix("/log"), job)
    written.says(LOG, TEXT)
    told: list[bool] = []

    async def work(buildkite: AsyncBuildkiteClient) -> bytes:
        return await joined(buildkite.log(JOB, found=told.append))

    assert asked(written, work) == TEXT
    assert told == [state == "running"]


def test_a_log_that_breaks_off_is_taken_up_where_it_did(written: Written) -> None:
    cuts = iter([1, len(TEXT) // 2, len(TEXT) // 3])

    def answer(handler: Handler) -> None:
        cut = next(cuts, len(TEXT))
        handler.say(TEXT[:cut], headers={"Content-Length": str(len(TEXT))})
        handler.close_connection = True

    written.answers[LOG] = answer
    assert asked(written, whole) == TEXT
    assert len(written.asked) == 4


def test_a_log_that_always_breaks_off_is_not_taken_for_whole(written: Written) -> None:
    def answer(handler: Handler) -> None:
        handler.say(TEXT[:10], headers={"Content-Length": str(len(TEXT))})
        handler.close_connection = True

    written.answers[LOG] = answer
    with pytest.raises(Unavailable):
        asked(written, whole)


def test_a_web_page_that_comes_for_a_moment_is_not_taken_for_the_log(
    written: Written,
) -> None:
    answers = iter([b"<!DOCTYPE html><html>Oops</html>", TEXT])
    written.answers[LOG] = lambda handler: handler.say(next(answers))
    assert asked(written, whole) == TEXT


def test_a_log_that_is_too_large_says_so_and_its_end_is_to_be_had(
    written: Written,
) -> None:
    def answer(handler: Handler) -> None:
        asked_for = handler.headers.get("Range")
        if asked_for is None:
            handler.say(TEXT)
            return
        size = int(asked_for.rpartition("-")[2])
        told = f"bytes {len(TEXT) - size}-{len(TEXT) - 1}/{len(TEXT)}"
        handler.say(TEXT[-size:], 206, {"Content-Range": told})

    written.answers[LOG] = answer
    with pytest.raises(TooLarge, match="1,000 bytes") as refused:
        asked(written, whole, max_log_bytes=1000)
    assert refused.value.hint == "read the end of it"
    tail = asked(written, end(500), max_log_bytes=1000)
    assert (tail.data, tail.bytes_total) == (TEXT[-500:], len(TEXT))


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(200, {}, TEXT, id="no ranges"),
        pytest.param(206, {"Content-Range": "nonsense"}, TEXT[-50:], id="unsaid"),
        pytest.param(
            206,
            {"Content-Range": f"bytes 0-{len(TEXT) - 1}/{len(TEXT)}"},
            TEXT,
            id="more than asked",
        ),
    ],
)
def test_an_end_is_what_was_asked_for_whatever_the_server_makes_of_it(
    written: Written, status: int, headers: dict[str, str], body: bytes
) -> None:
    written.answers[LOG] = lambda handler: handler.say(body, status, headers)
    tail = asked(written, end(50))
    assert tail.data == TEXT[-50:]
    assert not tail.whole
    assert tail.bytes_total in {len(TEXT), None}


def test_a_server_that_refuses_ranges_is_read_from_the_start(written: Written) -> None:
    def answer(handler: Handler) -> None:
        if handler.headers.get("Range"):
            handler.say(b'{"message": "no"}', 400)
        else:
            handler.say(TEXT)

    written.answers[LOG] = answer
    tail = asked(written, end(50))
    assert (tail.data, tail.bytes_total, tail.whole) == (TEXT[-50:], len(TEXT), False)
    assert asked(written, end(len(TEXT) + 1)).whole


def test_the_end_of_an_empty_log_is_empty(written: Written) -> None:
    written.says(LOG, status=416, Content_Range="bytes */0")
    tail = asked(written, end(50))
    assert (tail.data, tail.bytes_total, tail.whole) == (b"", 0, True)


def test_no_end_of_no_bytes(written: Written) -> None:
    with pytest.raises(BadRequest):
        asked(written, end(0))


def test_a_token_without_the_scope_is_told_which_one_it_lacks(site: Site) -> None:
    async def work(buildkite: AsyncBuildkiteClient) -> None:
        ref = await known(buildkite, site)
        for read in (
            joined(buildkite.log(ref)),
            buildkite.log_size(ref),
            buildkite.log_tail(ref, 10),
        ):
            with pytest.raises(Denied) as refused:
                await read
            assert "read_build_logs" in refused.value.hint
            assert "logless" not in str(refused.value)

    asked(site, work, token="logless")  # noqa: S106 - of the simulator


def test_a_log_that_is_not_there_is_not_found(site: Site) -> None:
    async def work(buildkite: AsyncBuildkiteClient) -> None:
        build = await buildkite.build(nightly(site))
        step = next(one for one in build.attempts if one.kind == "manual")
        with pytest.raises(NotFound, match="log of job"):
            await joined(buildkite.log(job_of(build, step)))

    asked(site, work)
