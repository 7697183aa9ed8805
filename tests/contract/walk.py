"""Calls every tool of a toolset, each case, and notes what was seen."""

from __future__ import annotations

import asyncio
import inspect
import io
import logging
import sys
import time
from contextlib import asynccontextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastmcp import Client
from fastmcp.exceptions import FastMCPError
from mcp.shared.exceptions import MCPError
from pydantic import TypeAdapter

from sickbay.server.build import build_server
from sickbay.server.call import RunningCall
from sickbay.server.journal import TextFormat
from tests.contract.seen import Seen, Subject, at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
    from pathlib import Path

    from sickbay.core.manifest import Toolset
    from sickbay.server.build import Server
    from tests.contract.cases import Case, Contract

START_S = {True: 5.0, False: 0.2}
"""How long a call may take to begin, in a thread of its own and without one."""

PATIENCE_S = 1.5
"""How long what a cancelled call was doing may take to end."""


@dataclass(slots=True)
class Walk:
    """One walk over the tools of one toolset."""

    contract: Contract
    server: Server
    closed: Server
    client: Any
    shut: Any
    said: list[str] = field(default_factory=list)

    async def subjects(self) -> list[Subject]:
        """Every tool, with what was seen of it."""
        listed = {tool.name: tool for tool in await self.client.list_tools()}
        closed = {tool.name for tool in await self.shut.list_tools()}
        found = []
        for bound in self.server.tools.values():
            entry = listed[bound.name].model_dump(
                mode="json", by_alias=True, exclude_none=True
            )
            subject = Subject(bound=bound, listed=entry)
            subject.shown_read_only = bound.name in closed
            await self._watched(subject)
            found.append(subject)
        if found:
            found[0].leaks += await self._offered()
        return found

    async def _watched(self, subject: Subject) -> None:
        await self.server.house.sources.of(subject.bound.toolset)
        self.said.clear()
        stdout = io.StringIO()
        with _records(self.server, self.said), redirect_stdout(stdout):
            for case in self.contract.of(subject.name):
                if case.outcome == "cancelled":
                    subject.endless = True
                else:
                    await self._tried(subject, case)
            if not subject.bound.tool.read_only:
                subject.hidden = await self._hidden(subject)
            subject.left = await self._left_behind(subject)
        subject.stdout = stdout.getvalue()
        subject.leaks += self._leaks(subject)

    async def _tried(self, subject: Subject, case: Case) -> None:
        seen = await self._call(subject.name, case.arguments, case)
        subject.calls.append(seen)
        if seen.document.get("next_cursor"):
            await self._paged(subject, seen)
        if seen.outcome == "confirmation_required":
            await self._confirmed(subject, seen)
        elif case.steady and seen.outcome in {"ok", "partial", "empty"}:
            twin = dict(case.arguments)
            for name in _identifiers(subject) & set(twin):
                twin[name] = _other_kind(twin[name])
            again = await self._call(subject.name, twin, case)
            subject.twins.append((seen, again))
        for name in _identifiers(subject) & set(case.arguments):
            wrong = {**case.arguments, name: True}
            subject.refused.append(await self._call(subject.name, wrong, case))

    async def _paged(self, subject: Subject, first: Seen) -> None:
        pages = [first]
        while cursor := pages[-1].document.get("next_cursor"):
            arguments = {**first.arguments, "cursor": cursor}
            pages.append(await self._call(subject.name, arguments, first.case))
            if len(pages) > 500:
                break
        subject.whole.append((pages, await self._items(subject, first)))
        cursor = first.document["next_cursor"]
        for case in self.contract.of(subject.name):
            if case.outcome != "error" and case.arguments != first.arguments:
                other = {**case.arguments, "cursor": cursor}
                subject.refused.append(await self._call(subject.name, other, case))

    async def _items(self, subject: Subject, seen: Seen) -> list[Any]:
        """The list as the tool itself gives it."""
        tool, house = subject.bound.tool, self.server.house
        arguments = subject.bound.arguments.validated(seen.arguments)
        arguments.pop("cursor")
        source = await house.sources.of(subject.bound.toolset)
        call = RunningCall(None, house.limiter, house.finish.data)
        if inspect.iscoroutinefunction(tool.function):
            result = await tool.function(source, call, **arguments)
        else:
            result = await asyncio.to_thread(tool.function, source, call, **arguments)
        plain = TypeAdapter(type(result)).dump_python(result, mode="json")
        items = at(house.finish.data(plain), tool.items or "")
        return list(items)

    async def _confirmed(self, subject: Subject, seen: Seen) -> None:
        follow_up = seen.document["confirm_with"] or {"arguments": {}}
        arguments = {**follow_up["arguments"], **_secrets(subject, seen)}
        done = await self._call(subject.name, arguments, seen.case)
        plain = {**seen.arguments, "confirm": True}
        subject.confirmed.append(
            (done, await self._call(subject.name, plain, seen.case))
        )

    async def _hidden(self, subject: Subject) -> Seen:
        case = self.contract.of(subject.name)[0]
        arguments = {**case.arguments, "confirm": True}
        return await self._call(subject.name, arguments, case, client=self.shut)

    async def _call(
        self,
        name: str,
        arguments: Mapping[str, Any],
        case: Case,
        *,
        client: Any = None,  # noqa: ANN401 - fastmcp's, of any transport
    ) -> Seen:
        progress: list[tuple[float, float | None]] = []

        async def heard(done: float, total: float | None, message: str | None) -> None:
            progress.append((done, total))
            self.said.append(str(message))

        before, answer, trouble = self.contract.state(), None, ""
        try:
            answer = await (client or self.client).call_tool_mcp(
                name, dict(arguments), progress_handler=heard
            )
        except (MCPError, FastMCPError, ValueError) as exc:
            trouble = f"{type(exc).__name__}: {exc}"
        return Seen(
            arguments=arguments,
            answer=answer,
            case=case,
            trouble=trouble,
            changed=before != self.contract.state(),
            progress=tuple(progress),
        )

    async def _left_behind(self, subject: Subject) -> list[str]:
        """What goes on after a call was cancelled in the middle."""
        for case in self.contract.of(subject.name)[:1]:
            before = asyncio.all_tasks()
            running = asyncio.create_task(subject.bound.run(case.arguments, None))
            begin = time.monotonic() + START_S[_blocks(subject)]
            while time.monotonic() < begin:
                if running.done() or _busy_threads(subject):
                    break
                await asyncio.sleep(0.001)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            end = time.monotonic() + PATIENCE_S
            while left := _tasks(before) + _busy_threads(subject):
                if time.monotonic() > end:
                    return left
                await asyncio.sleep(0.01)
        return []

    def _leaks(self, subject: Subject) -> list[str]:
        places = {
            _place(seen): seen.answer.model_dump_json() + seen.trouble
            for seen in subject.everything
            if seen.answer is not None
        }
        places["what it said or logged"] = "\n".join(self.said)
        audit = self.server.settings.state / "audit.jsonl"
        if audit.exists():
            places["the audit log"] = audit.read_text("utf-8")
        return self._found(places)

    async def _offered(self) -> list[str]:
        """Prompts and resources hold no secrets, either."""
        places = {}
        for prompt in await self.client.list_prompts():
            given = {argument.name: "3" for argument in prompt.arguments or ()}
            text = await self.client.get_prompt(prompt.name, given)
            places[f"prompt {prompt.name}"] = text.model_dump_json()
        for resource in await self.client.list_resources():
            with suppress(MCPError):
                read = await self.client.read_resource(resource.uri)
                places[f"resource {resource.uri}"] = repr(read)
        return self._found(places)

    def _found(self, places: Mapping[str, str]) -> list[str]:
        return [
            f"a secret in {place}"
            for place, text in places.items()
            if any(canary[:9] in text for canary in self.contract.canaries)
        ]


@asynccontextmanager
async def walking(
    toolset: Toolset, contract: Contract, folder: Path, *, more: Sequence[Toolset] = ()
) -> AsyncIterator[Walk]:
    """A server with one toolset, one of the same that only reads, and their clients."""
    given = {
        "cache": folder / "cache",
        "state": folder / "state",
        "toolsets": toolset.name,
        **contract.prepare(folder),
    }
    server = build_server({**given, "write": True}, more=more)
    closed = build_server(given, more=more)
    said: list[str] = []

    async def heard(message: Any) -> None:  # noqa: ANN401 - fastmcp's
        said.append(str(message.data))

    async with (
        Client(server.mcp, log_handler=heard) as client,
        Client(closed.mcp) as shut,
    ):
        yield Walk(contract, server, closed, client, shut, said)


async def walked(
    toolset: Toolset, contract: Contract, folder: Path, *, more: Sequence[Toolset] = ()
) -> list[Subject]:
    """Every tool of a toolset, with what was seen of it."""
    async with walking(toolset, contract, folder, more=more) as walk:
        return await walk.subjects()


class _records:  # noqa: N801 - used like a function
    """Collects what goes to the server's log, as it would be written."""

    def __init__(self, server: Server, said: list[str]) -> None:
        self._handler = _Lines(said)
        self._handler.setFormatter(TextFormat(server.house.finish.redactor))

    def __enter__(self) -> None:
        logging.getLogger().addHandler(self._handler)

    def __exit__(self, *_exc: object) -> None:
        logging.getLogger().removeHandler(self._handler)


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


def _identifiers(subject: Subject) -> set[str]:
    items = subject.bound.arguments.items
    return {item.name for item in items if item.identifier}


def _other_kind(value: object) -> object:
    text = str(value)
    return int(text) if isinstance(value, str) and text.isdecimal() else text


def _secrets(subject: Subject, seen: Seen) -> dict[str, Any]:
    names = subject.bound.arguments.secret & set(seen.arguments)
    return {name: seen.arguments[name] for name in names}


def _place(seen: Seen) -> str:
    return f"the answer to {sorted(seen.arguments)}, {seen.outcome}"


def _tasks(before: set[asyncio.Task[Any]]) -> list[str]:
    more = asyncio.all_tasks() - before
    return [f"left a task behind: {task.get_coro()!r:.60}" for task in more]


def _blocks(subject: Subject) -> bool:
    return not inspect.iscoroutinefunction(subject.bound.tool.function)


def _busy_threads(subject: Subject) -> list[str]:
    """Threads that still run the tool's own function."""
    code = {subject.bound.tool.function.__code__}
    return [
        f"left a thread behind, in line {frame.f_lineno}"
        for top in sys._current_frames().values()  # noqa: SLF001 - the only way to see
        for frame in _frames(top)
        if frame.f_code in code
    ]


def _frames(top: Any) -> Iterator[Any]:  # noqa: ANN401 - frames
    while top is not None:
        yield top
        top = top.f_back
