from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from sickbay.ci.services import BuildsWanted, Depth, FoundBuild
from sickbay.core.errors import BadRequest, NotFound, SickbayError, Unavailable
from sickbay.history.ingest.fill import fill
from tests.history.drawn import drawn
from tests.history.ingest.stand import NOW, buildkite, call, hud, rows
from tests.simulators.buildkite import buildkite_at
from tests.simulators.hud import hud_at

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
    from pathlib import Path

    from sickbay.ci.records import BuildRecord, Source
    from sickbay.ci.services import BuildSource
    from sickbay.core.tool import Call
    from sickbay.history.face import History
    from sickbay.history.ingest.filled import Filled
    from tests.history.places import Place

PIPELINE = "acme/ci"


class Shelf:
    """A CI whose builds are on a shelf; some of them cannot be read.

    Args:
        builds: The newest first.
        broken: By the ids of builds, why they cannot be read.
        hanging: Ids of builds that are never read to their end.
        ends: Raised behind the last build.
    """

    def __init__(
        self,
        builds: Iterable[BuildRecord],
        *,
        broken: dict[str, SickbayError] | None = None,
        hanging: frozenset[str] = frozenset(),
        ends: SickbayError | None = None,
    ) -> None:
        self.builds = [replace(one, pipeline=PIPELINE) for one in builds]
        self.broken = broken or {}
        self.hanging = hanging
        self.ends = ends
        self.read: list[str] = []
        self.hangs = asyncio.Event()

    @property
    def origin(self) -> Source:
        return "buildkite"

    def pipeline(self, named: str | None) -> str:
        return named or PIPELINE

    async def builds_of(self, _wanted: BuildsWanted) -> AsyncIterator[FoundBuild]:
        for build in self.builds:
            yield FoundBuild(record=_unread(build), read=self._reader(build))
        if self.ends:
            raise self.ends

    def _reader(self, build: BuildRecord) -> Callable[..., Any]:
        async def read(_depth: Depth, _call: Call) -> BuildRecord:
            self.read.append(build.build_id)
            if build.build_id in self.hanging:
                self.hangs.set()
                await asyncio.Event().wait()
            if error := self.broken.get(build.build_id):
                raise error
            return build

        return read


def _unread(build: BuildRecord) -> BuildRecord:
    return replace(build, results=(), causes=())


def whole(seed: int, count: int) -> list[BuildRecord]:
    """Builds of which every log was read, the newest first."""
    return [
        replace(
            build,
            jobs=tuple(
                replace(job, listing="all" if job.listing == "none" else job.listing)
                for job in build.jobs
            ),
        )
        for build in drawn(seed, builds=count)[::-1]
    ]


async def filled(
    history: History,
    source: BuildSource,
    *,
    depth: Depth = Depth(),  # noqa: B008 - it cannot be changed
    wanted: BuildsWanted = BuildsWanted(most=20),  # noqa: B008 - same
    **more: Any,  # noqa: ANN401 - of fill
) -> Filled:
    return await fill(
        history, source, wanted, depth, call=call(), now=lambda: NOW, **more
    )


def run(place: Place, story: Callable[[History], Any]) -> None:
    async def told() -> None:
        async with place.opened() as history:
            await story(history)

    asyncio.run(told())


def test_builds_that_are_there_are_not_read_again(place: Place) -> None:
    async def story(history: History) -> None:
        shelf = Shelf(whole(1, 8))
        first = await filled(history, shelf)
        assert (first.builds, first.present) == (8, 0)
        again = await filled(history, shelf)
        assert (again.builds, again.present) == (0, 8)
        assert len(shelf.read) == 8

    run(place, story)


def test_a_build_that_ended_differently_since_is_read_again(in_folder: Place) -> None:
    async def story(history: History) -> None:
        builds = whole(2, 3)
        await filled(history, Shelf(builds))
        builds[1] = replace(builds[1], state="passed again")
        shelf = Shelf(builds)
        done = await filled(history, shelf)
        assert (done.builds, done.present) == (1, 2)
        assert shelf.read == [builds[1].build_id]
        assert len(await rows(history, "select * from builds")) == 3

    run(in_folder, story)


def test_what_was_read_before_an_interruption_stays(in_folder: Place) -> None:
    async def story(history: History) -> None:
        builds = whole(3, 5)
        shelf = Shelf(builds, hanging=frozenset({builds[2].build_id}))
        working = asyncio.create_task(filled(history, shelf))
        await shelf.hangs.wait()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert working.cancelled()
        assert len(await rows(history, "select * from builds")) == 2
        again = await filled(history, Shelf(builds))
        assert (again.builds, again.present) == (3, 2)

    run(in_folder, story)


def test_a_build_that_is_not_read_in_time_is_not_kept(in_folder: Place) -> None:
    async def story(history: History) -> None:
        builds = whole(4, 3)
        shelf = Shelf(builds, hanging=frozenset({builds[1].build_id}))
        done = await filled(history, shelf, budget_s=0.5)
        assert done.why == "0.5 s are over"
        assert not done.broke
        assert len(await rows(history, "select * from builds")) == done.builds <= 1

    run(in_folder, story)


def test_one_build_that_cannot_be_read_is_skipped(in_folder: Place) -> None:
    async def story(history: History) -> None:
        builds = whole(5, 4)
        lost = builds[1]
        shelf = Shelf(builds, broken={lost.build_id: NotFound("it is gone")})
        done = await filled(history, shelf)
        assert (done.builds, done.why) == (3, None)
        assert [(one.what, one.why) for one in done.skipped] == [
            (f"build {lost.number}", "it is gone")
        ]

    run(in_folder, story)


def test_it_gives_up_where_nothing_answers_any_more(in_folder: Place) -> None:
    async def story(history: History) -> None:
        builds = whole(6, 8)
        down = Unavailable("nobody answers")
        shelf = Shelf(builds, broken={one.build_id: down for one in builds[2:]})
        done = await filled(history, shelf)
        assert (done.builds, len(done.skipped), done.broke) == (2, 3, True)
        assert "3 builds in a row" in (done.why or "")

    run(in_folder, story)


def test_what_was_had_before_the_list_broke_off_is_kept(in_folder: Place) -> None:
    async def story(history: History) -> None:
        shelf = Shelf(whole(7, 3), ends=Unavailable("page 2 is gone"))
        done = await filled(history, shelf)
        assert (done.builds, done.why, done.broke) == (3, "page 2 is gone", True)

    run(in_folder, story)


def test_nothing_at_all_is_an_error(in_folder: Place) -> None:
    async def story(history: History) -> None:
        with pytest.raises(Unavailable):
            await filled(history, Shelf([], ends=Unavailable("nobody answers")))

    run(in_folder, story)


def test_only_so_many_are_read(in_folder: Place) -> None:
    async def story(history: History) -> None:
        shelf = Shelf(whole(8, 9))
        first = await filled(history, shelf, most=4)
        assert (first.builds, first.why) == (4, "4 builds were read")
        rest = await filled(history, shelf, most=40)
        assert (rest.builds, rest.present) == (5, 4)
        few = await filled(history, shelf, wanted=BuildsWanted(most=2))
        assert few.present == 2

    run(in_folder, story)


def test_builds_of_buildkite_are_read_deeper_when_more_is_asked(
    in_folder: Place, tmp_path: Path
) -> None:
    async def story(history: History, source: BuildSource) -> None:
        wanted = BuildsWanted(branch="*", most=3)
        shallow = await filled(history, source, wanted=wanted, depth=Depth(logs=2))
        assert shallow.builds == 3
        same = await filled(history, source, wanted=wanted, depth=Depth(logs=2))
        assert same.present == 3
        deeper = await filled(history, source, wanted=wanted)
        assert deeper.builds > 0
        assert deeper.results > shallow.results
        found = await rows(
            history, "select count(*) n, count(distinct build_id) b from builds"
        )
        assert found == [{"n": 3, "b": 3}]

    with buildkite_at() as site:
        asyncio.run(_with(in_folder, buildkite(tmp_path, site), story))


def test_logs_of_other_jobs_that_were_read_before_stay(
    in_folder: Place, tmp_path: Path
) -> None:
    async def story(history: History, source: BuildSource) -> None:
        wanted = BuildsWanted(branch="*", most=2)
        await filled(history, source, wanted=wanted, depth=Depth(job="^Kernels"))
        sql = "select distinct name from jobs where listing <> 'none' order by 1"
        before = {row["name"] for row in await rows(history, sql)}
        await filled(history, source, wanted=wanted, depth=Depth(job="^V1"))
        after = {row["name"] for row in await rows(history, sql)}
        assert before
        assert before < after

    with buildkite_at() as site:
        asyncio.run(_with(in_folder, buildkite(tmp_path, site), story))


def test_passed_logs_name_the_tests_that_passed(
    in_folder: Place, tmp_path: Path
) -> None:
    async def story(history: History, source: BuildSource) -> None:
        wanted = BuildsWanted(branch="*", most=1)
        depth = Depth(passed_logs=True, job="Kernels")
        await filled(history, source, wanted=wanted, depth=depth)
        sql = """select listing, count(*) n from jobs
            where name like '%Kernels%' and state = 'ok' group by 1"""
        assert {row["listing"] for row in await rows(history, sql)} == {"all"}
        again = await filled(history, source, wanted=wanted, depth=depth)
        assert again.present == 1

    with buildkite_at() as site:
        asyncio.run(_with(in_folder, buildkite(tmp_path, site), story))


def test_rate_limits_are_waited_for(in_folder: Place, tmp_path: Path) -> None:
    async def story(history: History, source: BuildSource) -> None:
        wanted = BuildsWanted(branch="*", most=2)
        done = await filled(history, source, wanted=wanted, depth=Depth(logs=3))
        assert (done.builds, done.skipped) == (2, ())

    with buildkite_at(own=True) as site:
        site.faults.planned[site.builds()] = ["429", None]
        asyncio.run(_with(in_folder, buildkite(tmp_path, site), story))
        assert any(one.fault == "429" for one in site.asked)


def test_commits_of_the_hud_are_kept_in_the_order_of_commits(
    in_folder: Place, tmp_path: Path
) -> None:
    async def story(history: History, source: BuildSource) -> None:
        wanted = BuildsWanted(most=4)
        done = await filled(history, source, wanted=wanted, depth=Depth(logs=2))
        assert done.builds == 4
        found = await rows(history, "select * from builds order by ordered_at desc")
        assert all(row["committed_at"] == row["ordered_at"] for row in found)
        assert all(
            row["build_id"] == f"hud:pytorch/pytorch/{row['sha']}" for row in found
        )
        again = await filled(history, source, wanted=wanted, depth=Depth(logs=2))
        assert again.present == 4
        shards = await rows(
            history,
            "select variant, count(distinct shard) n from jobs "
            "where shard is not null group by 1 having n > 1",
        )
        assert shards

    with hud_at() as site:
        asyncio.run(_with(in_folder, hud(tmp_path, site), story))


@pytest.mark.parametrize("opened", [buildkite, hud], ids=["buildkite", "hud"])
def test_builds_come_as_they_are_wanted(opened: Any, tmp_path: Path) -> None:  # noqa: ANN401 - of two
    async def story() -> None:
        with buildkite_at() if opened is buildkite else hud_at() as site:
            async with opened(tmp_path, site) as source:
                found = [one async for one in source.builds_of(BuildsWanted())]
                ids = [one.record.build_id for one in found]
                assert len(ids) == len(set(ids)) > 10
                middle = found[len(found) // 2].record.created_at
                newer = [
                    one.record.created_at
                    async for one in source.builds_of(BuildsWanted(since=middle))
                ]
                assert len(newer) < len(found)
                assert min(newer) >= middle
                older = [
                    one.record.created_at
                    async for one in source.builds_of(BuildsWanted(until=middle))
                ]
                assert max(older) <= middle + timedelta(seconds=1)
                word = found[0].record.title.split()[0]
                wanted = BuildsWanted(message=f"^{word}")
                named = [one.record.title async for one in source.builds_of(wanted)]
                assert named
                assert all(title.startswith(word) for title in named)
                with pytest.raises(BadRequest):
                    source.pipeline("no such/pipe/line")
                with pytest.raises(BadRequest):
                    await anext(source.builds_of(BuildsWanted(message="(")))

    asyncio.run(story())


@asynccontextmanager
async def _both(
    place: Place,
    opened: Any,  # noqa: ANN401 - any source
) -> AsyncGenerator[tuple[History, BuildSource]]:
    async with place.opened() as history, opened as source:
        yield history, source


async def _with(place: Place, opened: Any, story: Callable[..., Any]) -> None:  # noqa: ANN401 - any source
    async with _both(place, opened) as (history, source):
        await story(history, source)
