"""How the simulated GitHub answers: in pages, with the mark of what has not changed."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.responses import Response

from sickbay.simulators.github.manners import refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

T = TypeVar("T")
JSON = "application/json; charset=utf-8"
PER_PAGE, MAX_PER_PAGE = 30, 100


def answer(request: Request, what: object, link: str = "") -> Response:
    """An answer that whoever knows it already need not be given again."""
    return kept(
        request, msgspec.json.encode(what), JSON, {"link": link} if link else {}
    )


def kept(
    request: Request, body: bytes, kind: str, headers: dict[str, str] | None = None
) -> Response:
    """Any bytes, unless the client has them."""
    tag = f'W/"{hashlib.sha256(body).hexdigest()}"'
    known = {"etag": tag, **(headers or {})}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=known)
    return Response(body, 200, known, kind)


def created(what: object) -> Response:
    """An answer about what is new."""
    return Response(msgspec.json.encode(what), HTTPStatus.CREATED, media_type=JSON)


def refusal(status: int, message: str, **more: object) -> Response:
    """An answer that gives nothing."""
    body = msgspec.json.encode(refused(message, status, **more))
    return Response(body, status, media_type=JSON)


def invalid(**wrong: str) -> Response:
    """What is said of a request with a field that is wrong."""
    return refusal(422, "Validation Failed", errors=[wrong])


def lost(*_: Any) -> Response:  # noqa: ANN401 - also called by starlette
    """What is said where nothing is."""
    return refusal(404, "Not Found")


def page(request: Request, found: Sequence[T]) -> tuple[Sequence[T], str]:
    """One page of what was found, and the links to others."""
    asked = request.query_params
    size = max(1, min(MAX_PER_PAGE, _number(asked.get("per_page"), PER_PAGE)))
    number = max(1, _number(asked.get("page"), 1))
    last = max(1, -(-len(found) // size))
    places = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
    if number <= 1:
        del places["prev"], places["first"]
    if number >= last:
        del places["next"], places["last"]
    links = (
        f'<{request.url.include_query_params(page=place)}>; rel="{name}"'
        for name, place in places.items()
    )
    return found[(number - 1) * size : number * size], ", ".join(links)


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else default
