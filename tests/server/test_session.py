from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

import sickbay
from sickbay.core import errors
from sickbay.server import session as sessions
from sickbay.server.build import build_server
from sickbay.server.session import Session, error_of
from tests.server import ward

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    folders = {"cache": tmp_path / "cache", "state": tmp_path / "state"}
    ward.fresh()
    begun = Session(build_server({"toolsets": "ward", **folders}, more=[ward.TOOLSET]))
    yield begun
    begun.close()


@pytest.fixture
def face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The session that all of this process shares, in folders of its own."""
    monkeypatch.setenv("SICKBAY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SICKBAY_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SICKBAY_TOOLSETS", "logs")
    monkeypatch.chdir(tmp_path)
    yield
    sessions.close()


def test_a_call_gives_the_structured_result(session: Session) -> None:
    assert session.call("ward_look", {"bed_id": 3})["patient"] == "patient 3"
    assert session.call("get_bed", {"number": 4})["name"] == "patient 4"


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "says"),
    [
        ("ward_look", {"bed_id": "x"}, errors.NotFound, "no bed x"),
        ("ward_look", {}, errors.BadRequest, "bed_id"),
        ("ward_fall", {"how": "outage"}, errors.Unavailable, "call the porter"),
        ("ward_fall", {"how": "bug"}, errors.SickbayError, "a bug in Sickbay"),
        ("ward_nothing", {}, errors.NotFound, "ward_nothing"),
    ],
)
def test_an_error_is_raised_as_what_it_is(
    session: Session,
    tool: str,
    arguments: dict[str, object],
    kind: type[errors.SickbayError],
    says: str,
) -> None:
    with pytest.raises(kind, match=says) as raised:
        session.call(tool, arguments)
    assert type(raised.value) is kind


def test_every_kind_of_error_has_its_class() -> None:
    for kind in errors.SickbayError.__subclasses__():
        assert type(error_of({"error": {"kind": kind.kind, "message": "x"}})) is kind


def test_it_works_where_a_loop_runs_already(session: Session) -> None:
    async def cell() -> str:
        return str(session.call("ward_look", {"bed_id": 3})["patient"])

    assert asyncio.run(cell()) == "patient 3"


def test_threads_share_it(session: Session) -> None:
    found: list[str] = []

    def look(bed: int) -> None:
        found.append(session.call("ward_look", {"bed_id": bed})["patient"])

    threads = [threading.Thread(target=look, args=(bed,)) for bed in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"patient {bed}" for bed in range(1, 9)]


def test_an_impatient_caller_stops_the_tool(session: Session) -> None:
    running = session.start("ward_wait", {})
    assert ward.now().entered.wait(5)
    running.cancel()
    assert ward.now().left.wait(5)


def test_closing_it_ends_its_thread(session: Session) -> None:
    session.call("ward_look", {"bed_id": 3})
    session.close()
    assert "sickbay" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.usefixtures("face")
def test_the_python_face_lists_and_calls_tools(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one\nerror: two\n", encoding="utf-8")
    known = {tool.tool: tool for tool in sickbay.tools()}
    assert known["logs_read"].read_only
    assert "log" in known["logs_read"].arguments["properties"]
    found = sickbay.call("logs_search", log="a.log", pattern="error")
    assert found["outcome"] == "ok"
    assert sessions.session() is sessions.session()


SCRIPT = """
import os, sys
import sickbay
before = sickbay.call("logs_read", log="a.log")["outcome"]
child = os.fork()
if child == 0:
    sys.exit(0 if sickbay.call("logs_read", log="a.log")["outcome"] == before else 1)
print(before, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_script_ends_by_itself_and_may_fork(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one\n", encoding="utf-8")
    folders = {
        "SICKBAY_CACHE": str(tmp_path / "c"),
        "SICKBAY_STATE": str(tmp_path / "s"),
    }
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env={**os.environ, **folders},
        capture_output=True,
        check=False,
        text=True,
        timeout=15,
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("ok 0\n", "", 0)
