"""Buildkite: builds, jobs and logs, by its API, its public pages, or from a folder."""

from sickbay.clients.buildkite.client import AsyncBuildkiteClient
from sickbay.clients.buildkite.models import (
    Annotation,
    Artifact,
    Artifacts,
    Builds,
    LogTail,
    Saved,
)

__all__ = [
    "Annotation",
    "Artifact",
    "Artifacts",
    "AsyncBuildkiteClient",
    "Builds",
    "LogTail",
    "Saved",
]
