"""Addresses of Buildkite's API, and of the pages that it shows to everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import httpx2

from sickbay.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sickbay.ci.references import BuildRef, JobRef

API = "https://api.buildkite.com"
WEB = "https://buildkite.com"

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")

Value = str | int | bool | None
Query = Mapping[str, "Value | datetime | Sequence[str]"]


@dataclass(frozen=True, slots=True)
class Api:
    """Addresses of the API.

    Attributes:
        root: With or without the ``/v2`` that it all is under.
    """

    root: str = API

    def builds(self, organization: str, pipeline: str, query: Query) -> str:
        """The builds of a pipeline."""
        return self._joined(_pipeline(organization, pipeline), "builds", query=query)

    def build(self, ref: BuildRef, *parts: str, **query: Value) -> str:
        """A build, or something of it."""
        of = _pipeline(ref.organization, ref.pipeline)
        return self._joined(of, "builds", str(ref.number), *parts, query={**query})

    def job(self, ref: JobRef, *parts: str, **query: Value) -> str:
        """A job, or something of it."""
        return self.build(ref.build, "jobs", ref.job_id, *parts, **query)

    @property
    def base(self) -> str:
        """What all of its addresses begin with."""
        return f"{self.root.rstrip('/').removesuffix('/v2')}/v2"

    @property
    def below(self) -> str:
        """Host and path below which the token is sent."""
        return self.base.partition("://")[2].lower()

    def _joined(self, *parts: str, query: Query) -> str:
        return f"{self.base}/{_path(*parts)}{_asked(query)}"


@dataclass(frozen=True, slots=True)
class Web:
    """Addresses of pages that need no token."""

    root: str = WEB

    def build(self, ref: BuildRef, *parts: str, **query: Value) -> str:
        """A build, or something of it."""
        named = (ref.organization, ref.pipeline, "builds", str(ref.number), *parts)
        return f"{self.root.rstrip('/')}/{_path(*named)}{_asked({**query})}"

    def log(self, ref: JobRef) -> str:
        """The log of a job."""
        at = ref.build
        of = _pipeline(at.organization, at.pipeline)
        parts = ("builds", str(at.number), "jobs", ref.job_id, "download")
        return f"{self.root.rstrip('/')}/{_path(of, *parts)}"


def following(links: str, page: str) -> str | None:
    """The next page that an answer links to, if that is another of the same list."""
    found = httpx2.Response(200, headers={"Link": links}).links.get("next")
    return same_list(found.get("url") if found else None, page)


def same_list(url: str | None, page: str) -> str | None:
    """The address, if it is of another page of the same list."""
    if not url or url == page:
        return None
    same_path = url.partition("?")[0] == page.partition("?")[0]
    return url if same_path else None


def _pipeline(organization: str, pipeline: str) -> str:
    return _path("organizations", organization, "pipelines", pipeline)


def _path(*parts: str) -> str:
    """Parts of a path, of which none may lead elsewhere."""
    for part in parts:
        for name in part.split("/"):
            if not _PART.fullmatch(name):
                raise BadRequest(f"{name[:80]!r} is no name or id of Buildkite")
    return "/".join(parts)


def _asked(query: Query) -> str:
    fields: list[tuple[str, str]] = []
    for name, value in query.items():
        if isinstance(value, (list, tuple)):
            fields += [(f"{name}[]", str(item)) for item in value]
        elif value is not None:
            fields.append((name, _text(value)))
    return f"?{urlencode(fields, errors='replace', quote_via=quote)}" if fields else ""


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
