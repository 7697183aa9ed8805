"""What does not count: flaky rules, and tests and jobs that are switched off."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from sickbay.clients.hud.fetch import Wanted
from sickbay.clients.hud.models import (
    DisabledJob,
    DisabledLists,
    DisabledTest,
    FlakyRule,
)
from sickbay.clients.hud.reads import Reads, decoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from sickbay.clients.hud.access import Access

T = TypeVar("T")

STATS_S = 600.0
"""How long a file of statistics holds."""

Listed = dict[str, list[Any]]


class _Lists(Struct, rename="camel"):
    disabled_tests: Listed = {}
    disabled_jobs: Listed = {}
    unstable_jobs: Listed = {}


_RULES = decoder(tuple[FlakyRule, ...])
_LISTED = decoder(Listed)
_LISTS = decoder(_Lists)


class Stats(Reads):
    """Reads files of statistics."""

    _access: Access

    async def flaky_rules(self, *, refresh: bool = False) -> tuple[FlakyRule, ...]:
        """Failures that are known to be flaky.

        Raises:
            SickbayError: They are not to be had.
        """
        return await self._file("flaky-rules", _RULES, refresh=refresh)

    async def disabled_tests(
        self, *, refresh: bool = False
    ) -> tuple[DisabledTest, ...]:
        """Tests that are skipped because of an issue.

        Raises:
            SickbayError: They are not to be had.
        """
        return _tests(
            await self._file("disabled-tests-condensed", _LISTED, refresh=refresh)
        )

    async def disabled_jobs(self, *, refresh: bool = False) -> tuple[DisabledJob, ...]:
        """Jobs that are switched off because of an issue.

        Raises:
            SickbayError: They are not to be had.
        """
        return _jobs(await self._file("disabled-jobs", _LISTED, refresh=refresh))

    async def unstable_jobs(self, *, refresh: bool = False) -> tuple[DisabledJob, ...]:
        """Jobs that do not count because of an issue.

        Raises:
            SickbayError: They are not to be had.
        """
        return _jobs(await self._file("unstable-jobs", _LISTED, refresh=refresh))

    async def disabled_tests_and_jobs(self) -> DisabledLists:
        """All three lists: from HUD for its bot, from the public files for others.

        Raises:
            SickbayError: They are not to be had.
        """
        token = self._access.bot_token
        if not token:
            tests, jobs, unstable = await asyncio.gather(
                self.disabled_tests(), self.disabled_jobs(), self.unstable_jobs()
            )
            return DisabledLists(tests=tests, jobs=jobs, unstable=unstable)
        url = self._places.api("flaky-tests", "getDisabledTestsAndJobs")
        found = await self._fetch(Wanted(url, _LISTS, headers={"Authorization": token}))
        return DisabledLists(
            tests=_tests(found.disabled_tests),
            jobs=_jobs(found.disabled_jobs),
            unstable=_jobs(found.unstable_jobs),
        )

    async def stats_json(self, name: str, *, refresh: bool = False) -> Any:  # noqa: ANN401 - any JSON
        """Any file of statistics as it is, such as ``test-times``.

        Raises:
            SickbayError: It is not to be had.
        """
        return await self._file(name, decoder(Any), form="raw", refresh=refresh)

    async def _file(
        self, name: str, decode: Callable[[bytes], T], *, form: str = "", refresh: bool
    ) -> T:
        wanted = Wanted(
            self._places.stat(name), decode, lambda _: STATS_S, form=form, own=False
        )
        return await self._fetch(wanted, refresh=refresh)


def _tests(found: Listed) -> tuple[DisabledTest, ...]:
    """From ``"test (suite)": [issue, url, platforms]``."""
    tests = []
    for name, values in found.items():
        issue, url = _texts(values, 2)
        platforms = next((v for v in values if isinstance(v, list)), [])
        tests.append(
            DisabledTest(
                name=name, issue=issue, url=url, platforms=tuple(map(str, platforms))
            )
        )
    return tuple(tests)


def _jobs(found: Listed) -> tuple[DisabledJob, ...]:
    """From ``"name": [author, issue, url, workflow, platform, config]``."""
    names = ("author", "issue", "url", "workflow", "platform", "config")
    return tuple(
        DisabledJob(name=name, **dict(zip(names, _texts(values, 6), strict=True)))
        for name, values in found.items()
    )


def _texts(values: list[Any], count: int) -> tuple[str, ...]:
    """So many texts, empty where there are fewer."""
    texts = ["" if value is None else str(value) for value in values[:count]]
    return *texts, *[""] * (count - len(texts))
