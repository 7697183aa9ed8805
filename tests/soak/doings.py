"""What clients do on a visit: calls that work, fail, take long, or are given up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.soak.caller import HANDSHAKE, MODERN

if TYPE_CHECKING:
    from random import Random

    from tests.soak.caller import Caller

LOG = "failed.log"
RESOURCES = ("sickbay://toolsets", "sickbay://settings")


@dataclass
class Sent:
    """Every tool call that was sent, by its marker."""

    calls: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)

    def marker(self, kind: str) -> str:
        """A word for one more call."""
        self.kinds[kind] += 1
        word = f"m{self.kinds.total()}x"
        self.calls[word] += 1
        return word


@dataclass
class Doings:
    """The doings of one client on one visit."""

    caller: Caller
    chance: Random
    sent: Sent

    async def something(self) -> None:
        """Do one of them, most often those that users do most often."""
        doing, _ = self.chance.choices(DOINGS, [weight for _, weight in DOINGS])[0]
        await doing(self)

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Call a tool; its structured result."""
        params = {"name": tool, "arguments": arguments}
        answer = await self.caller.ask("tools/call", params)
        found: dict[str, Any] = answer["structuredContent"]
        return found

    async def work(self) -> None:
        """A call that works, its answer on one page or several."""
        marker = self.sent.marker("work")
        size, width = self.chance.choice([(0, 1), (5, 60), (60, 60), (1, 20_000)])
        await self.expect("soak_work", marker=marker, size=size, width=width)

    async def search(self) -> None:
        """Search a log to its last page."""
        marker = self.sent.marker("search")
        given: dict[str, Any] = {"log": LOG, "pattern": f"error|{marker}"}
        while True:
            answer = await self.expect("logs_search", context_lines=20, **given)
            given["cursor"] = answer["next_cursor"]
            if given["cursor"] is None:
                break
            self.sent.calls[marker] += 1

    async def fail(self) -> None:
        """A call that fails, in one way or another."""
        marker = self.sent.marker("fail")
        wrong: list[tuple[str, dict[str, Any]]] = [
            ("soak_work", {"marker": marker, "how": "outage"}),
            ("soak_work", {"marker": marker, "how": "bug"}),
            ("soak_work", {"marker": marker, "size": "many"}),
            ("soak_work", {"marker": marker, "colour": "red"}),
            ("logs_read", {"log": f"{marker}.log"}),
            (f"soak_{marker}", {}),
        ]
        tool, arguments = self.chance.choice(wrong)
        await self.expect(tool, outcome="error", **arguments)

    async def give_up(self) -> None:
        """A call that is given up once it has begun: cancelled, or just left."""
        marker = self.sent.marker("give up")
        tool = self.chance.choice(["soak_wait", "soak_snore"])
        params = {"name": tool, "arguments": {"marker": marker}}
        if self.chance.random() < 0.5:
            params["_meta"] = {"progressToken": marker}
        async with self.caller.asking("tools/call", params) as request:
            met = self.sent.marker("meet")
            await self.expect("soak_meet", marker=met, whom=marker)
            if self.caller.era == HANDSHAKE and self.chance.random() < 0.7:
                gone = {"requestId": request, "reason": "no more patience"}
                await self.caller.tell("notifications/cancelled", gone)

    async def run_late(self) -> None:
        """A call that the server ends because it takes too long."""
        tool = self.chance.choice(["soak_wait", "soak_snore"])
        await self.expect(tool, outcome="error", marker=self.sent.marker("run late"))

    async def look_round(self) -> None:
        """What clients ask besides: what there is."""
        await self.caller.ask("tools/list", {})
        await self.caller.ask("resources/list", {})
        uri = self.chance.choice(RESOURCES)
        await self.caller.ask("resources/read", {"uri": uri})
        await self.caller.ask("prompts/list", {})

    async def listen(self) -> None:
        """Hold the server's own stream open while working."""
        async with self.caller.listening():
            await self.work()
        if self.caller.era == MODERN:
            wanted = {"notifications": {"toolsListChanged": True}}
            async with self.caller.asking("subscriptions/listen", wanted):
                await self.work()

    async def expect(self, tool: str, *, outcome: str = "", **arguments: Any) -> Any:  # noqa: ANN401 - any JSON
        """Call a tool that ends as expected: well, unless said otherwise.

        Raises:
            OSError: It ended in another way.
        """
        answer = await self.call(tool, **arguments)
        if (answer["outcome"] == "error") != (outcome == "error"):
            raise OSError(f"{tool} {arguments}: {answer['outcome']} {answer}"[:500])
        return answer


DOINGS = [
    (Doings.work, 40),
    (Doings.search, 15),
    (Doings.fail, 15),
    (Doings.give_up, 12),
    (Doings.run_late, 2),
    (Doings.look_round, 5),
    (Doings.listen, 5),
]
