from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sickbay.ci.references import BuildRef, JobRef
from sickbay.clients.buildkite import AsyncBuildkiteClient
from sickbay.clients.buildkite.shelf import content, number_of
from sickbay.core.errors import Denied, NotFound, TooLarge
from tests.clients.buildkite.desk import REF, Place, asked, job_of, joined, nightly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sickbay.ci.builds import Build
    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site

HOME = Place("https://api.buildkite.com", "https://buildkite.com")
JOBS: list[dict[str, Any]] = [
    {"id": "j-1", "type": "script", "name": "One", "state": "failed", "exit_status": 1},
    {"id": "j-2", "type": "script", "name": "Two", "state": "passed"},
]
BUILD: dict[str, Any] = {
    "number": 5,
    "branch": "main",
    "state": "failed",
    "commit": "c" * 40,
    "created_at": "2026-02-03T06:00:04.100Z",
    "web_url": "https://buildkite.com/vllm/ci/builds/5",
}
WHOLE: dict[str, Any] = {**BUILD, "jobs": JOBS}
NEXT: dict[str, Any] = {**BUILD, "number": 6}
RECORDS: list[dict[str, Any]] = [{**job, "step_uuid": "s"} for job in JOBS]
BUILDS = "/v2/organizations/vllm/pipelines/ci/builds/5"
URL = "https://api.buildkite.com/v2/organizations/vllm/pipelines/ci/builds/5"


def wrote(folder: Path, name: str, data: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())


def read(
    folder: Path,
    work: Callable[[AsyncBuildkiteClient], Awaitable[Any]],
    **more: Any,  # noqa: ANN401 - as client takes them
) -> Any:  # noqa: ANN401 - what the work gives
    return asked(HOME, work, folder=folder, **more)


def build(buildkite: AsyncBuildkiteClient) -> Awaitable[Build]:
    return buildkite.build(REF)


def log(buildkite: AsyncBuildkiteClient) -> Awaitable[bytes]:
    return joined(buildkite.log(JobRef(REF, "j-1")))


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"build.json": WHOLE}, id="one file"),
        pytest.param({"b.json": [WHOLE]}, id="a list of builds"),
        pytest.param({"b.json": BUILD, "jobs.json": JOBS}, id="a list of jobs"),
        pytest.param({"b.json": BUILD, "j.json": {"items": JOBS}}, id="pages of jobs"),
        pytest.param(
            {"b.json": BUILD, "a/1.json": JOBS[0], "a/2.json": JOBS[1]},
            id="a file for each job",
        ),
        pytest.param(
            {
                "5.json": BUILD,
                "6.json": NEXT,
                "5/jobs.json": JOBS,
                "6/jobs.json": [{"id": "j-9", "type": "script"}],
            },
            id="folders of builds",
        ),
        pytest.param(
            {
                "b.json": [BUILD, NEXT],
                "j.json": [{**job, "build_url": URL} for job in JOBS],
            },
            id="jobs that say where they belong",
        ),
        pytest.param(
            {
                "build.json": WHOLE,
                "list.json": [{**BUILD, "jobs": []}],
            },
            id="a build twice",
        ),
        pytest.param(
            {
                "b.json": BUILD,
                "data.json": {
                    "records": RECORDS,
                    "has_next_page": False,
                },
            },
            id="as the pages have them",
        ),
    ],
)
def test_files_lie_as_a_person_saved_them(
    tmp_path: Path, files: dict[str, object]
) -> None:
    for name, data in files.items():
        wrote(tmp_path, name, data)
    wrote(tmp_path, "notes.json", {"unrelated": True})
    wrote(tmp_path, "broken.json", b'{"number": 5')
    wrote(tmp_path, ".hidden/b.json", {**BUILD, "branch": "hidden", "jobs": JOBS * 2})
    found = read(tmp_path, build)
    assert [job.name for job in found.jobs] == ["One", "Two"]
    assert (found.branch, found.sha) == ("main", "c" * 40)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        pytest.param("j-1.log", bytes, id="plain"),
        pytest.param("logs/j-1.txt", bytes, id="in a folder"),
        pytest.param("j-1/output.log", bytes, id="in the folder of its job"),
        pytest.param("j-1.log.gz", gzip.compress, id="gzip"),
        pytest.param(
            "j-1.log.zst", lambda b: zstandard.ZstdCompressor().compress(b), id="zstd"
        ),
    ],
)
def test_a_log_has_the_id_of_its_job_in_its_name(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    text = b"one\ntwo\n" * 1000
    wrote(tmp_path, "b.json", WHOLE)
    wrote(tmp_path, "j-11.log", b"of another job\n")
    wrote(tmp_path, name, pack(text))
    assert read(tmp_path, log) == text
    tail = read(tmp_path, lambda client: client.log_tail(JobRef(REF, "j-1"), 4))
    assert (tail.data, tail.bytes_total, tail.whole) == (b"two\n", len(text), False)
    size = read(tmp_path, lambda client: client.log_size(JobRef(REF, "j-1")))
    assert size == (len(text) if pack is bytes else None)


def test_an_id_within_a_name_has_to_be_a_whole_one(tmp_path: Path) -> None:
    job_id = "0192aa10-5c1e-4f7b-9a55-000000000001"
    wrote(tmp_path, "b.json", WHOLE)
    wrote(tmp_path, f"ci-5-kernels-{job_id}.log", b"found\n")
    text = read(tmp_path, lambda client: joined(client.log(JobRef(REF, job_id))))
    assert text == b"found\n"
    with pytest.raises(NotFound, match=r"no log of job 000000000001"):
        read(tmp_path, lambda client: joined(client.log(JobRef(REF, job_id[-12:]))))


def test_an_empty_log_is_empty(tmp_path: Path) -> None:
    wrote(tmp_path, "j-1.log", b"")
    assert read(tmp_path, log) == b""
    tail = read(tmp_path, lambda client: client.log_tail(JobRef(REF, "j-1"), 4))
    assert (tail.data, tail.bytes_total, tail.whole) == (b"", 0, True)


def test_a_log_that_is_too_large_says_so(tmp_path: Path) -> None:
    wrote(tmp_path, "j-1.log", b"line\n" * 1000)
    with pytest.raises(TooLarge):
        read(tmp_path, log, max_log_bytes=100)


def test_what_is_missing_is_not_found_as_the_api_says_it(tmp_path: Path) -> None:
    wrote(tmp_path, "b.json", WHOLE)
    with pytest.raises(NotFound, match="no build vllm/ci/7") as refused:
        read(tmp_path, lambda client: client.build(BuildRef("vllm", "ci", 7)))
    assert "vllm/ci/5" in refused.value.hint
    with pytest.raises(NotFound, match="no build other/ci/5"):
        read(tmp_path, lambda client: client.build(BuildRef("other", "ci", 5)))
    with pytest.raises(NotFound, match="no job j-9"):
        read(tmp_path, lambda client: client.job(JobRef(REF, "j-9")))
    with pytest.raises(NotFound, match=r"save it as j-1\.log"):
        read(tmp_path, log)
    with pytest.raises(NotFound, match="there is no folder"):
        read(tmp_path / "gone", build)


def test_a_link_that_leads_out_of_the_folder_is_not_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    wrote(inside, "b.json", WHOLE)
    wrote(outside, "secret", b"secret\n")
    wrote(outside, "jobs.json", [{"id": "leaked", "type": "script"}])
    (inside / "j-1.log").symlink_to(outside / "secret")
    (inside / "jobs.json").symlink_to(outside / "jobs.json")
    (inside / "nowhere.json").symlink_to(tmp_path / "nowhere")
    with pytest.raises(Denied):
        read(inside, log)
    assert [job.name for job in read(inside, build).jobs] == ["One", "Two"]


def test_what_is_saved_later_is_seen(tmp_path: Path) -> None:
    wrote(tmp_path, "5.json", BUILD)

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        assert (await buildkite.build(REF)).jobs == ()
        wrote(tmp_path, "5-jobs.json", JOBS)
        assert len((await buildkite.build(REF, refresh=True)).jobs) == 2
        wrote(tmp_path, "6.json", {**BUILD, "number": 6, "web_url": None})
        assert (await buildkite.build(BuildRef("vllm", "ci", 6))).number == 6

    read(tmp_path, work)


def test_builds_are_listed_and_narrowed_as_the_api_does(tmp_path: Path) -> None:
    for number, state in ((5, "failed"), (6, "passed"), (7, "running")):
        url = f"https://buildkite.com/vllm/ci/builds/{number}"
        time = f"2026-02-0{number}T06:00:00Z"
        more = {"number": number, "state": state, "web_url": url, "created_at": time}
        wrote(tmp_path, f"{number}.json", {**BUILD, **more, "jobs": JOBS})

    def numbers(**wish: Any) -> list[int]:  # noqa: ANN401 - as builds takes them
        found = read(tmp_path, lambda client: client.builds(**wish))
        return [one.number for one in found.builds]

    assert numbers() == [7, 6, 5]
    assert numbers(states=["finished"]) == [6, 5]
    assert numbers(branch="ma*", limit=1) == [7]
    assert numbers(branch="dev") == []
    assert numbers(pipeline="release") == []
    assert numbers(commit="c" * 40, states=["failed"]) == [5]
    found = read(tmp_path, lambda client: client.builds(limit=2, jobs=True))
    assert not found.complete
    assert all(one.jobs for one in found.builds)
    created = found.builds[0].created_at
    assert numbers(created_to=created) == [6, 5]
    assert numbers(created_from=created) == [7]


def test_nothing_is_changed_in_a_folder(tmp_path: Path) -> None:
    wrote(tmp_path, "b.json", WHOLE)
    with pytest.raises(Exception, match="changed by the API alone"):
        read(tmp_path, lambda client: client.retry(JobRef(REF, "j-1")), writes=True)


def test_a_saved_build_is_the_same_build_without_a_network(
    site: Site, tmp_path: Path
) -> None:
    ref = nightly(site)

    async def saved(buildkite: AsyncBuildkiteClient) -> Any:  # noqa: ANN401 - all of it
        done = await buildkite.save(ref, tmp_path)
        assert done.skipped == ()
        return await everything(buildkite)

    async def everything(buildkite: AsyncBuildkiteClient) -> Any:  # noqa: ANN401 - all of it
        found = await buildkite.build(ref)
        logs = {
            str(one.job_id): await joined(buildkite.log(job_of(found, one)))
            for one in found.attempts
            if one.failed and one.log
        }
        notes = await buildkite.annotations(ref)
        return found, logs, notes, await buildkite.artifacts(ref)

    online = asked(site, saved)
    assert online[1]
    assert read(tmp_path, everything) == online
    assert "env" not in json.loads(
        (tmp_path / f"vllm/ci/{ref.number}/build.json").read_bytes()
    )


def test_what_cannot_be_saved_is_told(site: Site, tmp_path: Path) -> None:
    ref = nightly(site)

    async def work(buildkite: AsyncBuildkiteClient) -> Any:  # noqa: ANN401 - Saved
        return await buildkite.save(ref, tmp_path, logs="all")

    done = asked(site, work, token="logless")  # noqa: S106 - of the simulator
    assert done.skipped
    assert {one.what.partition(" job")[0] for one in done.skipped} == {"log of"}
    assert not list(tmp_path.rglob("*.log.gz"))
    assert not list(tmp_path.rglob(".*")), "no drafts are left"


def test_no_logs_are_fetched_where_none_are_wanted(site: Site, tmp_path: Path) -> None:
    ref = nightly(site)
    asked(site, lambda buildkite: buildkite.save(ref, tmp_path, logs="none"))
    assert not any(path.endswith("/log") for path in site.paths())


def test_a_folder_that_cannot_be_written_is_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Denied, match="cannot write"):
        asked(site, lambda client: client.save(nightly(site), tmp_path / "file"))


def test_an_artifact_is_read_where_it_was_saved(tmp_path: Path) -> None:
    listed = [
        {"id": "a-1", "job_id": "j-1", "path": "junit/x.xml", "sha1sum": "0"},
        {"id": "a-2", "job_id": "j-2", "path": "junit/x.xml", "sha1sum": "0"},
    ]
    wrote(tmp_path, "b.json", WHOLE)
    wrote(tmp_path, "artifacts.json", listed)
    wrote(tmp_path, "artifacts/j-1/junit/x.xml", b"<xml/>")

    async def work(buildkite: AsyncBuildkiteClient) -> None:
        first, second = (await buildkite.artifacts(REF, path="junit/*")).items
        assert await buildkite.artifact(first) == b"<xml/>"
        with pytest.raises(NotFound, match="was not saved"):
            await buildkite.artifact(second)
        only = await buildkite.artifacts(REF, job_id="j-2")
        assert [one.artifact_id for one in only.items] == ["a-2"]

    read(tmp_path, work)


VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["number", "jobs", "branch", "id", "type", "items", "style", "path"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_any_json_is_read_or_left_alone(data: object) -> None:
    content(PurePosixPath("5/x.json"), json.dumps(data).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_left_alone(body: bytes) -> None:
    content(PurePosixPath("x.json"), body)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("5/jobs.json", 5),
        ("vllm/ci/61591/build.json", 61591),
        ("build-5.json", 5),
        ("5_jobs.json", 5),
        ("7/5.json", 5),
        ("jobs.json", None),
        ("j2.json", None),
    ],
)
def test_a_number_in_a_name_is_a_build_s(path: str, expected: int | None) -> None:
    assert number_of(PurePosixPath(path)) == expected


def test_attack_a_job_s_id_makes_no_folder_elsewhere(
    written: Written, tmp_path: Path
) -> None:
    ids = ["j-1", "../../../../../../x/y", "a/b", "a\0b", "..", "x" * 300]
    jobs = [{**JOBS[0], "id": job_id} for job_id in ids]
    written.says(BUILDS, json.dumps({**BUILD, "jobs": jobs}).encode())
    written.says(f"{BUILDS}/jobs/j-1/log", b"hello")
    target = tmp_path / "deep" / "down"
    asked(written, lambda buildkite: buildkite.save(REF, target))
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in target.rglob("*.gz")] == ["j-1.log.gz"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["down"]


def test_attack_a_link_does_not_tell_how_large_another_file_is(tmp_path: Path) -> None:
    wrote(tmp_path, "in/b.json", WHOLE)
    wrote(tmp_path, "secret", b"secret")
    (tmp_path / "in" / "j-1.log").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "j-2.log").symlink_to(tmp_path / "nowhere")
    for ref in (JobRef(REF, "j-1"), JobRef(REF, "j-2")):
        with pytest.raises((Denied, NotFound)):
            read(tmp_path / "in", partial(AsyncBuildkiteClient.log_size, ref=ref))
