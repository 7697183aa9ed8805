"""A bad day of the network costs time and no data."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from sickbay.core.errors import SickbayError
from tests.clients.buildkite.desk import HASTE, asked, job_of, joined, nightly
from tests.simulators.buildkite import buildkite_at

if TYPE_CHECKING:
    from sickbay.ci.builds import Build
    from sickbay.clients.buildkite import AsyncBuildkiteClient
    from sickbay.simulators.faults import Kind
    from tests.simulators.buildkite import Site

TRANSIENT: tuple[Kind, ...] = ("429", "502", "503", "reset", "cut", "slow")


async def logs(
    buildkite: AsyncBuildkiteClient, site: Site
) -> tuple[Build, list[bytes]]:
    build = await buildkite.build(nightly(site))
    failed = [one for one in build.attempts if one.failed and one.log]
    texts = (joined(buildkite.log(job_of(build, one))) for one in failed)
    return build, await asyncio.gather(*texts)


def test_every_log_is_whole_though_a_fifth_of_all_answers_go_wrong(site: Site) -> None:
    expected = asked(site, lambda client: logs(client, site))
    site.faults.share, site.faults.kinds, site.faults.slow_s = 0.2, TRANSIENT, 0.01
    assert asked(site, lambda client: logs(client, site)) == expected
    assert any(one.fault for one in site.asked), "nothing went wrong"


@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "reset", "cut", "html"])
def test_what_always_goes_wrong_is_told_as_one_of_our_errors(kind: Kind) -> None:
    with buildkite_at(share=1.0, kinds=(kind,)) as site:
        with pytest.raises(SickbayError) as failed:
            asked(site, lambda client: client.build(nightly(site)))
        assert "\n" not in failed.value.message
        assert len(site.asked) <= HASTE.attempts
