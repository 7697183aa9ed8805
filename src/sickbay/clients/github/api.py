"""Requests to GitHub's API: addresses, headers, limits, pages and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import httpx2
from anyio import to_thread

from sickbay.clients.github.answer import refused
from sickbay.clients.github.limits import Limits
from sickbay.clients.hosts import Host, own_host, place
from sickbay.clients.http import Http, unsure
from sickbay.clients.logins import github_token
from sickbay.clients.once import Once
from sickbay.clients.patience import AgainError, Patience
from sickbay.clients.tolerant import Tolerant
from sickbay.core.errors import BadRequest, Malformed, NotFound
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sickbay.clients.reply import Reply

T = TypeVar("T")

PUBLIC = "api.github.com"
WEB = "github.com"

PATIENCE = Patience(read_s=30, answer_s=30, attempts=3, retry_after_s=10)

MAX_ANSWER = 32 << 20
MAX_TEXT = 3 << 20

_JSON = "application/vnd.github+json"
_RAW = "application/vnd.github.raw+json"
_VERSION = {"X-GitHub-Api-Version": "2022-11-28"}
_REPO = Pattern(r"\w[\w.-]{0,99}/[\w.-]{1,100}")


class Api:
    """Asks for things of one repository.

    Args:
        url: Base address of the API.
        token: Goes to that host alone.
        repo: Owner and name.
        log_in: Use the token of gh where none is given.
        now: The time.
        writes: Whether it may ask for changes.
        patience: How long it waits.

    Attributes:
        limits: What GitHub still allows.
    """

    def __init__(  # noqa: PLR0913 - as its client
        self,
        url: str,
        *,
        token: str | None,
        repo: str,
        log_in: bool,
        now: Callable[[], datetime],
        writes: bool,
        patience: Patience,
    ) -> None:
        if not _REPO.fullmatch(repo):
            raise BadRequest(f"{repo[:80]!r} is no repository", hint="write owner/name")
        self._host = own_host(url, system="GitHub", secret=bool(token))
        self._url = url.rstrip("/")
        self._repo = repo
        self._token = token
        self._log_in = log_in
        self._patience = patience
        self._writes = writes
        self.limits = Limits(now=now)
        self._http: Http | None = None
        self._once = Once()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._http:
            await self._http.aclose()

    def root(self, path: str, /, **asked: str | None) -> str:
        """An address below the base of the API."""
        fields = {name: value for name, value in asked.items() if value is not None}
        query = f"?{urlencode(fields, errors='replace')}" if fields else ""
        return f"{self._url}/{path}{query}"

    def place(self, *parts: str | int, **asked: str | None) -> str:
        """An address in the repository."""
        path = "/".join(quote(str(part), errors="replace") for part in parts)
        return self.root(f"repos/{self._repo}/{path}", **asked)

    async def get(self, kind: type[T], url: str, what: str) -> tuple[T, str | None]:
        """What is there, and where there is more of it.

        Args:
            kind: Its type.
            url: Of the API.
            what: What errors call it.

        Raises:
            SickbayError: It is not to be had.
        """
        reply = await self._answer(url, what, accept=_JSON, max_bytes=MAX_ANSWER)
        value = await to_thread.run_sync(_decoded, kind, reply.body, what)
        return value, _following(reply)

    async def text(self, ref: str, path: str) -> str:
        """A file as it is in a commit.

        Raises:
            SickbayError: It is not to be had.
        """
        url = self.place("contents", path, ref=ref)
        reply = await self._answer(url, path, accept=_RAW, max_bytes=MAX_TEXT)
        return reply.body.decode("utf-8", "replace")

    async def exists(self, ref: str, path: str) -> bool:
        """Whether a commit holds a path.

        Raises:
            SickbayError: GitHub does not say.
        """
        url = self.place("contents", path, ref=ref)
        try:
            await self._answer(url, path, accept=_RAW, max_bytes=MAX_ANSWER)
        except NotFound:
            return False
        return True

    async def post(self, kind: type[T], path: str, json: object, what: str) -> T:
        """Ask for something new, once.

        Raises:
            SickbayError: It was refused, or nobody knows.
        """
        headers = {"Accept": _JSON, **_VERSION}
        http = await self._opened()
        reply = await http.send("POST", self.place(path), json=json, headers=headers)
        if not reply.success:
            error = refused(reply, what, self.limits)
            told = error.error if isinstance(error, AgainError) else error
            raise unsure(told) if reply.failed_itself else told
        try:
            return _decoded(kind, reply.body, what)
        except Malformed as exc:
            raise unsure(exc) from exc

    async def _answer(
        self, url: str, what: str, *, accept: str, max_bytes: int
    ) -> Reply:
        async def read(reply: Reply) -> Reply:
            if reply.success:
                return reply
            raise refused(reply, what, self.limits)

        headers = {"Accept": accept, **_VERSION}
        http = await self._opened()
        return await http.read(url, read, headers=headers, max_bytes=max_bytes)

    async def _opened(self) -> Http:
        """The way there, with the token of whoever is logged in if none was given."""
        if self._http is None:
            self._http = await self._once("open", self._open)
        return self._http

    async def _open(self) -> Http:
        host, token = self._host, self._token
        if token is None and self._log_in:
            token = await github_token(WEB if host.name == PUBLIC else str(host))
            own_host(self._url, system="GitHub", secret=bool(token))
        self.limits.token = bool(token)
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        return Http(
            [Host(host.name, host.port, private=host.name != PUBLIC)],
            credentials={
                place(host.name, host.port) + urlsplit(self._url).path: bearer
            },
            patience=self._patience,
            setting="SICKBAY_BUILDKITE__GITHUB_URL",
            writes=self._writes,
            gate=self.limits,
        )


def _decoded(kind: type[T], body: bytes, what: str) -> T:
    try:
        return Tolerant(kind)(body).value
    except Malformed as exc:
        raise Malformed(f"{what}: {exc.message}") from exc


def _following(reply: Reply) -> str | None:
    """The next page, if the answer links to one."""
    links = httpx2.Response(200, headers={"Link": reply.headers.get("Link", "")}).links
    return links.get("next", {}).get("url")
