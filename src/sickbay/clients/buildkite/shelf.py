"""What the files of a folder hold: builds, jobs, annotations, artifacts, logs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sickbay.clients.buildkite import convert, wire
from sickbay.clients.buildkite.public import as_api
from sickbay.clients.tolerant import Tolerant, json_of
from sickbay.core.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath

    from sickbay.ci.references import BuildRef

_BUILD = Tolerant(wire.Build)
_JOB = Tolerant(wire.Job)
_PUBLIC = Tolerant(wire.PublicJob)
_ANNOTATION = Tolerant(wire.Annotation)
_ARTIFACT = Tolerant(wire.Artifact)

_NUMBER = re.compile(r"/builds/([0-9]{1,12})\b")
_NAMED = re.compile(r"(?<![0-9a-zA-Z-])([0-9]{1,12})(?![0-9a-zA-Z-])")


@dataclass(slots=True)
class Content:
    """What one file holds; ``number`` is that of the build, if its name has one."""

    number: int | None = None
    builds: list[wire.Build] = field(default_factory=list)
    jobs: list[wire.Job] = field(default_factory=list)
    annotations: list[wire.Annotation] = field(default_factory=list)
    artifacts: list[wire.Artifact] = field(default_factory=list)


def content(path: PurePosixPath, body: bytes) -> Content:
    """What a JSON file holds; nothing where it is about something else.

    Args:
        path: Below the folder.
        body: Of the file.
    """
    found = Content(number_of(path))
    try:
        data = json_of(body)
    except Malformed:
        return found
    for item in _items(data):
        _put(item, found)
    return found


def number_of(path: PurePosixPath) -> int | None:
    """The build number in a path, that of the file before those of its folders."""
    for part in reversed(path.parts):
        if numbers := _NAMED.findall(part.replace("_", " ").replace("-", " ")):
            return int(numbers[-1])
    return None


def _items(data: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    """The objects of a list, of a page of one, or the one that it is."""
    if isinstance(data, dict):
        several = data.get("items", data.get("records"))
        data = several if isinstance(several, list) else [data]
    if isinstance(data, list):
        yield from (item for item in data if isinstance(item, dict))


def _put(item: dict[str, Any], found: Content) -> None:
    try:
        if "number" in item and item.keys() & {"jobs", "branch", "commit", "pipeline"}:
            found.builds.append(_BUILD.of(item).value)
        elif item.keys() & {"body_html", "style"}:
            found.annotations.append(_ANNOTATION.of(item).value)
        elif item.keys() & {"download_url", "sha1sum"}:
            found.artifacts.append(_ARTIFACT.of(item).value)
        elif "step_uuid" in item:
            found.jobs.append(as_api(_PUBLIC.of(item).value))
        elif "id" in item and item.keys() & {"type", "step_key", "exit_status"}:
            found.jobs.append(_JOB.of(item).value)
    except Malformed:
        return


class Shelf:
    """All that the files of a folder hold together.

    Args:
        contents: Of each file.
    """

    def __init__(self, contents: Iterable[Content]) -> None:
        self._contents = tuple(contents)
        self.builds = _joined(self._contents)
        self._numbers = [build.number for build in self.builds]

    def build(self, ref: BuildRef) -> wire.Build | None:
        """A build, if one of these may be it; one that says not whose it is may be."""
        for build in self.builds:
            if convert.place(build, ref) == ref:
                return build
        return None

    def jobs(self, build: wire.Build) -> list[wire.Job]:
        """The jobs of a build, whichever files have them."""
        jobs = {job.id: job for job in build.jobs or ()}
        for content in self._contents:
            for job in content.jobs:
                if self._number(content, job.build_url, job.web_url) == build.number:
                    jobs.setdefault(job.id, job)
        return list(jobs.values())

    def annotations(self, build: wire.Build) -> list[wire.Annotation]:
        """What was said about a build."""
        return [
            item
            for content in self._contents
            if self._number(content) == build.number
            for item in content.annotations
        ]

    def artifacts(self, build: wire.Build) -> list[wire.Artifact]:
        """Files that the jobs of a build left behind."""
        return [
            item
            for content in self._contents
            for item in content.artifacts
            if self._number(content, item.download_url) == build.number
        ]

    def _number(self, content: Content, *urls: str | None) -> int | None:
        """Of the build that something belongs to: its URL, its file or the only one."""
        for url in urls:
            if told := _NUMBER.search(url or ""):
                return int(told[1])
        if content.number in self._numbers:
            return content.number
        return self._numbers[0] if len(self._numbers) == 1 else None


def _joined(contents: Iterable[Content]) -> list[wire.Build]:
    """Each build once, by what says most of it; the newest first."""
    best: dict[tuple[str | None, int | None], wire.Build] = {}
    for content in contents:
        for build in content.builds:
            slug = build.pipeline.slug if build.pipeline else None
            key = (build.web_url or slug, build.number)
            known = best.get(key)
            if known is None or len(known.jobs or ()) < len(build.jobs or ()):
                best[key] = build
    return sorted(best.values(), key=lambda build: build.number or 0, reverse=True)
