"""A simulator whose JSON answers are changed on their way."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLAIN: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    1e308,
    "x" * 3000,
    [],
    {},
    True,
    [None],
    2**70,
)
ODD: tuple[Any, ...] = (
    *PLAIN,
    "0001-01-01T00:00:00+23:00",
    "9" * 5000,
    10**300,
    "http://[x/builds/1",
    "../../x",
)


class Changed:
    """An app that says something else.

    Args:
        inner: What it says in truth.
        change: Makes something else of the data of an answer.
    """

    def __init__(self, inner: ASGIApp, change: Callable[[Any], Any]) -> None:
        self._inner = inner
        self._change = change

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def kept(message: Message) -> None:
            sent.append(message)

        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        await self._inner({**scope, "headers": plain}, receive, kept)
        body = b"".join(message.get("body", b"") for message in sent)
        try:
            odd = json.dumps(self._change(json.loads(body))).encode()
        except ValueError:  # no JSON
            for message in sent:
                await send(message)
            return
        headers = {
            name.decode(): value.decode()
            for name, value in sent[0]["headers"]
            if name.lower() not in {b"content-length", b"content-type"}
        }
        json_type = "application/json"
        await Response(odd, sent[0]["status"], headers, media_type=json_type)(
            scope, receive, send
        )


def odd(seed: int, share: float) -> Callable[[Any], Any]:
    """A change after which some values are others, or missing."""
    dice = random.Random(seed)  # noqa: S311 - no secret

    def change(value: Any) -> Any:  # noqa: ANN401 - any JSON
        if dice.random() < share:
            return dice.choice(ODD)
        if isinstance(value, dict):
            kept = (key for key in value if dice.random() >= share)
            return {key: change(value[key]) for key in list(kept)}
        return list(map(change, value)) if isinstance(value, list) else value

    return change
