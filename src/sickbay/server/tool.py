"""A tool as the server runs it: checked, timed, answered and recorded."""

from __future__ import annotations

import asyncio
import inspect
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, get_type_hints

from sickbay.core import results
from sickbay.core.errors import Denied, SickbayError, TimedOut
from sickbay.core.results import Failure, Listing, Result
from sickbay.core.tool import MAX_BUDGET_BYTES
from sickbay.server.answer import ECHO, Answers
from sickbay.server.arguments import HIDDEN, Argument, Arguments
from sickbay.server.call import RunningCall
from sickbay.server.change import EXTRA, Change
from sickbay.server.client import client_of
from sickbay.server.consent import AskClientError
from sickbay.server.house import Record
from sickbay.server.request import READ, WRITE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastmcp import Context
    from fastmcp.tools.base import ToolResult

    from sickbay.core.manifest import Alias
    from sickbay.core.tool import Tool
    from sickbay.server.house import House

_log = logging.getLogger(__name__)

LINE = 400
"""Characters of an error's message."""

_CURSOR = Argument(
    "cursor", str | None, default=None, description="next_cursor of the page before"
)


class BoundTool:
    """One tool of one toolset, ready to be called.

    Raises:
        TypeError: Its function breaks a rule.
    """

    def __init__(self, toolset: str, tool: Tool, house: House) -> None:
        self.toolset = toolset
        self.tool = tool
        self.name = f"{toolset}_{tool.name}"
        self.description = inspect.cleandoc(tool.function.__doc__ or "")
        self._house = house
        self._type = _result_type(self.name, tool)
        asked = tool.plan or tool.function
        added = EXTRA if tool.plan else (_CURSOR,) if tool.items else ()
        self.arguments = Arguments(asked, added)
        self._added = {argument.name for argument in added}
        self.answers = Answers(
            name=self.name,
            tool=tool,
            result_type=self._type,
            arguments=self.arguments.names,
            secret=self.arguments.secret,
            finish=house.finish,
        )

    async def run(
        self,
        given: Mapping[str, Any],
        context: Context | None,
        *,
        alias: Alias | None = None,
    ) -> ToolResult:
        """Answer one call; it never raises but when it is cancelled or has to ask.

        Raises:
            AskClientError: The client has to ask its user, and call again.
        """
        call = RunningCall(context, self._house.limiter, self._house.finish.data)
        client = client_of(context)
        shown = {name[:ECHO]: self._shown(name, given[name]) for name in given}
        called_as = alias.name if alias else None
        record = Record(call.call_id, self.name, client, shown, called_as=called_as)
        try:
            return await self._answered(given, call, context, record, alias)
        except AskClientError:
            record.outcome = "input_required"
            raise
        except BaseException:
            record.outcome = "cancelled"
            call.abandon()
            raise
        finally:
            self._house.recorded(record)
            self._house.counted(record)

    async def _answered(
        self,
        given: Mapping[str, Any],
        call: RunningCall,
        context: Context | None,
        record: Record,
        alias: Alias | None,
    ) -> ToolResult:
        arguments = self._echo(given)
        offset = 0
        try:
            self._admit(record)
            arguments = self.arguments.validated(given)
            offset = self.answers.offset(arguments)
            result = await self._done(arguments, call, context, record)
            answer = await self.answers.made(
                result, arguments, call=call, offset=offset, alias=alias
            )
        except AskClientError:
            raise
        except Exception as exc:  # noqa: BLE001 - the one place that meets bugs
            result = self._failed(exc, call)
            record.error = result.error.kind if result.error else None
            answer = await self.answers.made(result, arguments, call=call, alias=alias)
        await call.finish()
        record.outcome = (answer.structured_content or {})["outcome"]
        return answer

    async def _done(
        self,
        arguments: dict[str, Any],
        call: RunningCall,
        context: Context | None,
        record: Record,
    ) -> Result:
        source = await self._house.sources.of(self.toolset)
        if self.tool.plan is not None:
            change = Change(
                tool=self.tool,
                name=self.name,
                kind=self._type,
                arguments=self.arguments,
                house=self._house,
                source=source,
                call=call,
                context=context,
                record=record,
            )
            result = await change.made(arguments)
            arguments.update(change.answered)
            return result
        own = {key: arguments[key] for key in arguments if key not in self._added}
        done = partial(self.tool.function, source, call, **own)
        return await _run(done, self.tool, call, self._type)

    def _admit(self, record: Record) -> None:
        needed = READ if self.tool.read_only else WRITE
        if needed not in record.client.scopes:
            raise Denied(
                f"this token may not call {self.name}: it has no scope {needed}",
                hint=f"ask the operator for a token with scope {needed}",
            )

    def _echo(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call that could not be read: as given, or the default."""
        defaults = {item.name: item.default for item in self.arguments.items}
        return {
            name: given.get(name, None if default is ... else default)
            for name, default in defaults.items()
        }

    def _failed(self, exc: Exception, call: RunningCall) -> Result:
        return self.answers.failed(outcome="error", error=self._failure(exc, call))

    def _failure(self, exc: Exception, call: RunningCall) -> Failure:
        if isinstance(exc, TimeoutError):
            exc = TimedOut(
                f"{self.name} took longer than {self.tool.timeout_s:g} s",
                hint="ask for less, or try again",
            )
        if isinstance(exc, SickbayError):
            return Failure(exc.kind, _line(exc.message), exc.retryable, _line(exc.hint))
        _log.error("call %s of %s failed", call.call_id, self.name, exc_info=exc)
        return Failure(
            "internal",
            f"a bug in Sickbay stopped {self.name}; the server's log has it under "
            f"{call.call_id}",
            hint="report it with that part of the log",
        )

    def _shown(self, name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON
        if name in self.arguments.secret or name not in self.arguments.names:
            return HIDDEN  # under a wrong name, too, it may be a secret
        text = value if isinstance(value, str) else repr(value)
        if len(text) <= ECHO:
            return value
        return f"{self._house.finish.redactor.text(text)[:ECHO]}…"


async def _run(
    function: Callable[[], Any], tool: Tool, call: RunningCall, kind: type[Result]
) -> Result:
    """Run a tool's function, in a worker thread if it blocks."""
    async with asyncio.timeout(tool.timeout_s):
        if inspect.iscoroutinefunction(tool.function):
            result = await function()
        else:
            result = await call.thread(function)
    if not isinstance(result, kind):
        raise TypeError(f"returned {type(result).__name__}, not {kind.__name__}")
    return result


def _line(text: str) -> str:
    """An error's words on one line, whatever was quoted in them."""
    line = " ".join(text.split())
    return line if len(line) <= LINE else f"{line[:LINE]}…"


def _result_type(name: str, tool: Tool) -> type[Result]:
    kind = get_type_hints(tool.function).get("return")
    if not (isinstance(kind, type) and issubclass(kind, Result)):
        raise TypeError(f"{name}: returns no Result")
    if not tool.function.__doc__:
        raise TypeError(f"{name}: has no docstring")
    if tool.budget_bytes > MAX_BUDGET_BYTES:
        raise TypeError(f"{name}: budget above {MAX_BUDGET_BYTES}")
    if tool.items and not issubclass(kind, Listing):
        raise TypeError(f"{name}: pages need a Listing")
    if tool.plan and not issubclass(kind, results.Change):
        raise TypeError(f"{name}: a write tool returns a Change")
    return kind
