from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.toolsets.logs import depot
from tests.toolsets.logs.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator


import pytest

from sickbay.core.errors import BadRequest

BODY = b"the build works\nerror: no bed\n"


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined] # added below
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_args: object) -> None:
        pass


@contextmanager
def site() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server with one log, and what it was asked for."""
    asked: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        server.asked = asked  # type: ignore[attr-defined] # for its handler
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def hosts(host: str) -> dict[str, Any]:
    return {"logs": {"hosts": host}}


def test_a_url_is_fetched_once_and_read_by_its_handle(desk: Desk) -> None:
    with site() as (host, asked):
        url = f"http://{host}/a.log"
        there = Desk(desk.folder / "there", **hosts(host))
        first, again = there.ask_all(
            ("logs_download", {"log": url}), ("logs_read", {"log": url})
        )
        assert asked == ["/a.log"]
        by_handle, by_path, explained = there.ask_all(
            ("logs_read", {"log": first["handle"]}),
            ("logs_read", {"log": first["file_path"]}),
            ("logs_explain", {"log": first["handle"]}),
        )
        assert asked == ["/a.log"]
    assert (first["bytes"], first["lines"], first["source"]) == (len(BODY), 2, url)
    assert first["handle"].startswith("log:")
    assert again["lines"] == by_handle["lines"] == by_path["lines"]
    assert explained["causes"][0]["line_end"] == 2


def test_refresh_fetches_again(desk: Desk) -> None:
    with site() as (host, asked):
        there = Desk(desk.folder / "there", **hosts(host))
        url = f"http://{host}/a.log"
        there.ask_all(
            ("logs_download", {"log": url}),
            ("logs_download", {"log": url, "refresh": True}),
        )
    assert asked == ["/a.log"] * 2


def test_a_host_that_is_not_allowed_is_told_with_the_setting(desk: Desk) -> None:
    told = desk.ask("logs_explain", log="https://example.com/a.log")
    assert told["error"]["kind"] == "denied"
    assert "SICKBAY_LOGS__HOSTS" in told["error"]["hint"]


def test_a_log_larger_than_allowed_is_not_kept(desk: Desk) -> None:
    with site() as (host, _):
        logs = {"hosts": host, "max_log_bytes": 20}
        there = Desk(desk.folder / "there", logs=logs)
        told = there.ask("logs_download", log=f"http://{host}/a.log")
    assert told["error"]["kind"] == "too_large"
    assert not list((desk.folder / "there").rglob("*.zst"))


def test_roots_are_readable_besides_the_working_directory(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "a.log").write_bytes(BODY)
    more = Desk(desk.folder / "more", logs={"roots": str(other)})
    path = str(other / "a.log")
    assert desk.ask("logs_read", log=path)["error"]["kind"] == "denied"
    assert more.ask("logs_read", log=path)["total_lines"] == 2


def test_attack_a_server_started_at_the_top_does_not_serve_the_whole_disk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(desk.folder / "pytest.log")
    monkeypatch.chdir("/")
    told = Desk(desk.folder / "there").ask("logs_read", log=path)
    assert told["error"]["kind"] == "denied"
    assert "SICKBAY_LOGS__ROOTS" in told["error"]["hint"]
    named = Desk(desk.folder / "named", logs={"roots": str(desk.folder)})
    assert named.ask("logs_read", log=path)["outcome"] == "ok"


def test_a_folder_of_many_logs_is_explained_in_pages(desk: Desk) -> None:
    many = desk.folder / "many"
    many.mkdir()
    names = [f"many/{'a-long-name-of-a-job-' * 5}{number}.log" for number in range(90)]
    for name in names:
        (desk.folder / name).write_bytes(BODY)
    first = desk.ask("logs_explain", log="many")
    assert (first["whole"], first["next_cursor"] is None) == (None, False)
    rows = desk.pages("logs_explain", "reports", log="many")
    assert sorted(row["log"] for row in rows) == sorted(names)


def test_another_toolset_fetches_its_own_handles(desk: Desk) -> None:
    there = Desk(desk.folder / "there", more=[depot.TOOLSET], toolsets="logs,depot")
    fetched = depot.fresh().fetched
    told, again, none, bare = there.ask_all(
        ("logs_explain", {"log": "hud:42"}),
        ("logs_search", {"logs": ["hud:42", "hud:1"], "pattern": "fails"}),
        ("logs_read", {"log": "hud:1"}),
        ("logs_read", {"log": "buildkite:1"}),
    )
    assert told["source"] == "hud:42"
    assert again["matches"][0]["log"] == "hud:42"
    assert again["coverage"]["skipped"][0]["what"] == "hud:1"
    assert none["error"]["kind"] == "not_found"
    assert bare["error"]["kind"] == "bad_request"
    assert fetched.count("hud:42") == 1


def test_settings_come_from_the_environment(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "a.log").write_bytes(BODY)
    monkeypatch.setenv("SICKBAY_LOGS__ROOTS", f"/nowhere:{other}")
    monkeypatch.setenv("SICKBAY_LOGS__HOSTS", "logs.example.org, *.example.net")
    monkeypatch.setenv("SICKBAY_CACHE_BYTES", "1MiB")
    there = Desk(desk.folder / "there")
    told, denied = there.ask_all(
        ("logs_read", {"log": str(other / "a.log")}),
        ("logs_read", {"log": "https://example.com/x"}),
    )
    assert told["total_lines"] == 2
    assert "logs.example.org, *.example.net" in denied["error"]["hint"]


def test_a_host_that_is_none_is_told_when_the_server_starts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SICKBAY_LOGS__HOSTS", '["logs.example.org"]')
    with pytest.raises(BadRequest, match="is no host to allow"):
        desk.ask("logs_read", log="passed.log")


def test_the_next_logs_are_fetched_while_one_is_read(desk: Desk) -> None:
    there = Desk(desk.folder / "there", more=[depot.TOOLSET], toolsets="logs,depot")
    depot.fresh().meeting = asyncio.Barrier(3)
    names = ["hud:2", "hud:3", "hud:4"]
    found = there.ask("logs_search", logs=names, pattern="job . fails")
    assert [row["log"] for row in found["matches"]] == ["hud:2", "hud:4"]
    assert found["coverage"]["skipped"] == [{"what": "hud:3", "why": "no log of job 3"}]
