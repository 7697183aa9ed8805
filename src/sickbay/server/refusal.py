"""What the HTTP face answers when it turns a request away: always a JSON-RPC error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import INVALID_REQUEST
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sickbay.core.errors import SickbayError

_STATUS = {
    "bad_request": 400,
    "denied": 403,
    "not_found": 404,
    "timed_out": 408,
    "too_large": 413,
    "unsupported": 415,
    "unavailable": 503,
}


def refusal(
    error: SickbayError,
    *,
    status: int | None = None,
    code: int = INVALID_REQUEST,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer to a request that goes no further.

    A program finds the JSON-RPC error that it expects, a person with ``curl`` one
    line that says what is wrong and what to do.
    """
    data = {"kind": error.kind, "retryable": error.retryable, "hint": error.hint}
    body = {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": code, "message": str(error), "data": data},
    }
    return JSONResponse(body, status or _STATUS.get(error.kind, 400), headers)
