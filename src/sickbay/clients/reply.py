"""A whole answer to one HTTP request."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer; ``url`` is where it came from in the end.

    Attributes:
        headers: By name, in any case.
        body: Unpacked; of a refusal only the beginning.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def success(self) -> bool:
        """Whether the body is what was asked for."""
        return HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def failed_itself(self) -> bool:
        """Whether the server broke down, whatever it had done by then."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def media_type(self) -> str:
        """What the body is said to be, such as ``text/html``."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
