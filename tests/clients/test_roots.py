from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.roots import Roots
from sickbay.core.errors import BadRequest, Denied, NotFound, SickbayError

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = b"not for you\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A root with a log in it, beside a folder with a secret."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.log").write_bytes(SECRET)
    (tmp_path / "work" / "logs").mkdir(parents=True)
    (tmp_path / "work" / "logs" / "job.log").write_bytes(b"a line\n")
    return tmp_path / "work"


def read(roots: Roots, path: str | Path) -> bytes:
    with roots.open(path) as file:
        return file.read()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("logs/job.log", id="relative"),
        pytest.param("./logs//job.log", id="untidy"),
        pytest.param("{work}/logs/job.log", id="absolute"),
        pytest.param("latest", id="a link within"),
        pytest.param("linked/job.log", id="through a linked folder"),
    ],
)
def test_a_file_below_a_root_is_opened(work: Path, name: str) -> None:
    (work / "latest").symlink_to("logs/job.log")
    (work / "linked").symlink_to(work / "logs")
    roots, name = Roots([work]), name.format(work=work)
    assert read(roots, name) == b"a line\n"
    assert roots.regular(name) == work / "logs" / "job.log"


def test_a_relative_path_starts_from_the_first_root(work: Path) -> None:
    roots = Roots([work / "logs", work.parent / "elsewhere"])
    assert read(roots, "job.log") == b"a line\n"
    with pytest.raises(NotFound):
        roots.open("secret.log")
    assert read(roots, work.parent / "elsewhere" / "secret.log") == SECRET


def test_a_root_may_itself_be_reached_through_a_link(work: Path) -> None:
    (work.parent / "link").symlink_to(work)
    assert read(Roots([work.parent / "link"]), "logs/job.log") == b"a line\n"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../elsewhere/secret.log", id="up"),
        pytest.param("logs/../../elsewhere/secret.log", id="down and up"),
        pytest.param("logs/../logs/job.log", id="up and back"),
        pytest.param("{work}/../elsewhere/secret.log", id="absolute and up"),
        pytest.param("{work}/../elsewhere/none.log", id="not there either"),
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("~root/.profile", id="home of another"),
        pytest.param("~/.profile", id="home"),
        pytest.param("link.log", id="link to a file"),
        pytest.param("away/secret.log", id="link to a folder"),
        pytest.param("chain", id="link to a link"),
        pytest.param("away/none.log", id="nothing behind a link"),
        pytest.param("/proc/self/environ", id="environment"),
        pytest.param("/proc/self/root/etc/passwd", id="root of a process"),
        pytest.param("/proc/self/cwd/logs/job.log", id="folder of a process"),
    ],
)
def test_what_lies_elsewhere_is_refused_with_the_roots_named(
    work: Path, name: str
) -> None:
    (work / "link.log").symlink_to(work.parent / "elsewhere" / "secret.log")
    (work / "away").symlink_to(work.parent / "elsewhere")
    (work / "chain").symlink_to("away/secret.log")
    roots = Roots([work])
    with pytest.raises(Denied) as refused:
        roots.open(name.format(work=work))
    assert str(work) in refused.value.hint
    assert not roots.is_folder(name.format(work=work))


@pytest.mark.parametrize(
    "name", ["/proc/self/environ", "/proc/1/cmdline", "/sys/kernel"]
)
def test_the_kernels_files_are_refused_even_below_a_root(name: str) -> None:
    with pytest.raises(Denied, match="belongs to the kernel"):
        Roots([Path("/")]).open(name)


@pytest.mark.parametrize(
    "name", ["", "a\0b", "\ud800", "x" * 5000], ids=["empty", "nul", "half", "long"]
)
def test_what_is_no_path_is_a_bad_request(work: Path, name: str) -> None:
    with pytest.raises(BadRequest, match="no path"):
        Roots([work]).open(name)


def test_a_name_longer_than_names_can_be_is_a_bad_request(work: Path) -> None:
    with pytest.raises(BadRequest, match="cannot read"):
        Roots([work]).open("x" * 300)


def test_devices_pipes_and_sockets_are_refused_without_being_waited_for(
    work: Path,
) -> None:
    os.mkfifo(work / "pipe.log")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(work / "socket.log"))
        for name in ("pipe.log", "socket.log"):
            with pytest.raises(Denied, match="no regular file"):
                Roots([work]).open(name)
    with pytest.raises(Denied, match="no regular file"):
        Roots([Path("/")]).open("/dev/zero")


@pytest.mark.parametrize("name", ["logs", ".", "{work}"])
def test_a_folder_is_no_log(work: Path, name: str) -> None:
    roots, name = Roots([work]), name.format(work=work)
    with pytest.raises(BadRequest, match="is a folder"):
        roots.open(name)
    assert roots.is_folder(name)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        pytest.param("logs/jop.log", "job.log", id="file"),
        pytest.param("lgs/job.log", "logs", id="folder"),
        pytest.param("logs/job.log/inner", "", id="below a file"),
    ],
)
def test_a_missing_file_is_told_with_the_nearest_names(
    work: Path, name: str, nearest: str
) -> None:
    with pytest.raises(NotFound, match="no such file") as missing:
        Roots([work]).open(name)
    assert missing.value.hint == (nearest and f"nearest in that folder: {nearest}")


def test_where_nothing_is_near_the_folders_are_told_and_how_to_add_one(
    work: Path,
) -> None:
    with pytest.raises(NotFound) as missing:
        Roots([work], setting="MORE_ROOTS").open("logs/zzz")
    assert missing.value.hint == f"allowed: {work}; set MORE_ROOTS for more"


@pytest.mark.parametrize("name", ["logs/*.log", "**/job.log"])
def test_who_tries_a_pattern_is_told_to_name_the_folder(work: Path, name: str) -> None:
    with pytest.raises(NotFound, match="no such file") as missing:
        Roots([work]).open(name)
    assert "a folder stands for the logs in it" in missing.value.hint


def test_links_in_a_circle_are_an_error_not_a_hang(work: Path) -> None:
    (work / "a").symlink_to("b")
    (work / "b").symlink_to("a")
    with pytest.raises(SickbayError):
        Roots([work]).open("a")


def test_logs_in_a_folder_are_listed_without_links_and_hidden_ones(work: Path) -> None:
    (work / "logs" / "link.log").symlink_to(work.parent / "elsewhere" / "secret.log")
    (work / "logs" / ".hidden.log").write_bytes(b"")
    (work / "logs" / "deep").mkdir()
    (work / "logs" / "deep" / "b.log.gz").write_bytes(b"")
    roots = Roots([work])
    logs = [work / "logs" / "deep" / "b.log.gz", work / "logs" / "job.log"]
    assert roots.logs_in("logs") == logs
    assert roots.logs_in(work / "logs") == logs
    with pytest.raises(Denied):
        roots.logs_in("../elsewhere")
    with pytest.raises(NotFound):
        roots.logs_in("logs/job.log")


@pytest.fixture
def swapped(work: Path) -> Iterator[Path]:
    """A folder of the root that somebody keeps swapping for a link to elsewhere."""
    real, link, name = work / "real", work / "link", work / "flips"
    real.mkdir()
    (real / "secret.log").write_bytes(b"a line\n")
    link.symlink_to(work.parent / "elsewhere")
    over = threading.Event()

    def flip() -> None:
        while not over.is_set():
            real.rename(name)
            name.rename(real)
            link.rename(name)
            name.rename(link)

    flipping = threading.Thread(target=flip)
    flipping.start()
    yield name
    over.set()
    flipping.join()


@pytest.mark.timeout(60)
def test_a_folder_swapped_for_a_link_never_leads_outside(
    work: Path, swapped: Path
) -> None:
    roots, got, refused = Roots([work]), set(), 0
    for _ in range(2_000):
        try:
            got.add(read(roots, swapped / "secret.log"))
        except SickbayError:
            refused += 1
    assert got == {b"a line\n"}
    assert refused


def test_a_file_swapped_for_a_link_after_the_check_is_not_opened(work: Path) -> None:
    class Swapping(Roots):
        """Lets the swap happen at the worst moment."""

        def _place(self, path: str | Path) -> tuple[Path, Path]:
            placed = super()._place(path)
            (work / "logs" / "job.log").unlink()
            (work / "logs" / "job.log").symlink_to(
                work.parent / "elsewhere" / "secret.log"
            )
            return placed

    with pytest.raises(Denied, match="changed while it was opened"):
        Swapping([work]).open("logs/job.log")


@given(st.text(max_size=60))
def test_no_name_at_all_leads_outside(name: str) -> None:
    here = Path(__file__).resolve().parent
    with suppress(BadRequest, Denied, NotFound):
        assert Roots([here]).regular(name).is_relative_to(here)
