"""A server of this process's own, for scripts and notebooks that wait for answers."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import warnings
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal
from fastmcp import Client

from sickbay.core.errors import SickbayError
from sickbay.server.build import build_server
from sickbay.server.journal import STILL_USED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from fastmcp.client.client import CallToolResult
    from fastmcp.client.elicitation import ElicitationHandler
    from fastmcp.client.logging import LogMessage

    from sickbay.server.build import Server


_log = logging.getLogger(__name__)


class Session:
    """Calls tools from ordinary code, also where an event loop runs already.

    The server runs in a loop of its own, in a thread of its own, and sees the same
    requests as from any client.

    Args:
        server: The server; nobody else may run it.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        with ExitStack() as stack:
            portal = stack.enter_context(start_blocking_portal(name="sickbay"))
            client = client_of(server)
            stack.enter_context(portal.wrap_async_context_manager(client))
            self._portal, self._client = portal, client
            self._stack = stack.pop_all()

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The structured result of one call.

        Raises:
            SickbayError: The result is an error; the class is that of its kind.
        """
        running = self.start(tool, arguments)
        try:
            answer = running.result()
        except BaseException:  # an impatient user, for one: the tool stops, too
            running.cancel()
            raise
        found: dict[str, Any] = answer.structured_content or {}
        if answer.is_error:
            raise error_of(found)
        return found

    def start(self, tool: str, arguments: Mapping[str, Any]) -> Future[CallToolResult]:
        """Begin a call, without waiting for its answer."""
        asked = partial(
            self._client.call_tool, tool, dict(arguments), raise_on_error=False
        )
        return self._portal.start_task_soon(asked)

    def close(self) -> None:
        """End the server and its thread."""
        self._stack.close()


def client_of(server: Server, *, ask: ElicitationHandler | None = None) -> Client[Any]:
    """A client in the same process.

    Args:
        server: The server; it runs for as long as the client is open.
        ask: Asks the user on behalf of the server.
    """
    # mcp's client warns of each tool that is not listed: an old name is none.
    logging.getLogger("client").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=STILL_USED)
    return Client(server.mcp, elicitation_handler=ask, log_handler=_told)


async def _told(message: LogMessage) -> None:
    """Note what a tool tells its user while it runs."""
    said = message.data.get("msg") if isinstance(message.data, dict) else message.data
    _log.info("%s", said)


_lock = threading.Lock()
_session: Session | None = None
_orphans: list[Session | None] = []


def session() -> Session:
    """The one session of this process, begun when it is first needed.

    Raises:
        SickbayError: A setting is wrong, or a folder cannot be used.
    """
    global _session  # noqa: PLW0603 - one for each process is the point
    with _lock:
        if _session is None:
            _session = Session(build_server())
            atexit.register(close)
        return _session


def close() -> None:
    """End the session, if there is one; the next call begins another."""
    global _session
    with _lock:
        ended, _session = _session, None
        atexit.unregister(close)
    if ended is not None:
        ended.close()


def _forget() -> None:
    """A forked child has the session's memory, but not its thread.

    It stays referenced: collecting it would wait for that thread.
    """
    global _lock, _session
    _orphans.append(_session)
    _lock, _session = threading.Lock(), None


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forget)


def error_of(result: Mapping[str, Any]) -> SickbayError:
    """The error that a result tells of."""
    said = result.get("error") or {}
    kinds = {kind.kind: kind for kind in SickbayError.__subclasses__()}
    kind = kinds.get(said.get("kind", ""), SickbayError)
    return kind(said.get("message", "no answer"), hint=said.get("hint", ""))
