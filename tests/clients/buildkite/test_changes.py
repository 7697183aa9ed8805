from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sickbay.ci.references import BuildRef, JobRef
from sickbay.core.errors import BadRequest, Denied, Unsupported
from tests.clients.buildkite.desk import asked, job_of, nightly
from tests.simulators.buildkite import WRITER, buildkite_at

if TYPE_CHECKING:
    from sickbay.ci.builds import Build
    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from tests.simulators.buildkite import Site

WRITES = {"writes": True, "token": WRITER}


def hard(build: Build) -> JobRef:
    """A job that failed, all attempts together."""
    job = next(job for job in build.jobs if job.ending == "failed")
    return job_of(build, job.last)


def test_a_failed_job_is_tried_once_more_and_not_twice() -> None:
    with buildkite_at(own=True) as site:
        ref = nightly(site)

        async def work(buildkite: AsyncBuildkiteClient) -> None:
            first = hard(await buildkite.build(ref))
            again = await buildkite.retry(first)
            assert again.retry_of == first.job_id
            build = await buildkite.build(ref)
            assert again.job_id in {one.job_id for one in build.attempts}, "not kept"
            with pytest.raises(BadRequest) as refused:
                await buildkite.retry(first)
            assert "retried once" in refused.value.hint

        asked(site, work, **WRITES)
        assert [one.method for one in site.asked].count("PUT") == 2


def test_a_blocked_step_is_unblocked_with_its_fields() -> None:
    with buildkite_at(own=True) as site:
        ref = nightly(site)

        async def work(buildkite: AsyncBuildkiteClient) -> JobRef:
            build = await buildkite.build(ref)
            step = next(
                one
                for one in build.attempts
                if one.kind == "manual" and one.state == "action_required"
            )
            where = job_of(build, step)
            opened = await buildkite.unblock(where, {"reason": "a look"})
            assert opened.status == "unblocked"
            return where

        where = asked(site, work, **WRITES)
        changed = [one.path for one in site.asked if one.method == "PUT"]
        assert changed == [site.builds(ref.number, "jobs", where.job_id, "unblock")]


def test_a_client_that_may_not_write_asks_for_no_change(site: Site) -> None:
    ref = JobRef(nightly(site), "j-1")
    with pytest.raises(Denied, match="changes are switched off"):
        asked(site, lambda buildkite: buildkite.retry(ref), token=WRITER)
    assert site.asked == []


def test_a_token_that_may_only_read_is_told_the_scope_it_lacks(site: Site) -> None:
    async def work(buildkite: AsyncBuildkiteClient) -> None:
        await buildkite.retry(hard(await buildkite.build(nightly(site))))

    with pytest.raises(Denied) as refused:
        asked(site, work, writes=True)
    assert "write_builds" in refused.value.hint


def test_without_a_token_nothing_is_changed(site: Site) -> None:
    ref = JobRef(BuildRef("vllm", "ci", 5), "j-1")
    with pytest.raises(Unsupported, match="by the API alone"):
        asked(site, lambda client: client.unblock(ref, {}), writes=True, token=None)
    assert site.asked == []
