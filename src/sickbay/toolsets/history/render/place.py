"""Where the commits of a pipeline are: the repository, and addresses in it."""

from __future__ import annotations

from urllib.parse import urlsplit

GITHUB = "https://github.com"
_API = "api."
_SHA = frozenset("0123456789abcdef")
SHORT = 8


def repository(pipeline: str | None, source: str, named: str | None) -> str | None:
    """The repository that a pipeline builds: the one that was named, or its own name.

    Args:
        pipeline: As records name it; with GitHub and the HUD it is a repository.
        source: Where the build was read.
        named: By the operator.
    """
    if named:
        return named
    return pipeline if source in {"hud", "github"} else None


def web_of(api: str | None) -> str:
    """The address that people open, of the one that programs ask."""
    if not api:
        return GITHUB
    parts = urlsplit(api)
    host = parts.netloc.removeprefix(_API)
    path = parts.path.rstrip("/").removesuffix("/api/v3")
    return f"{parts.scheme}://{host}{path}"


def commit_url(sha: str, repo: str | None, web: str = GITHUB) -> str | None:
    """The page of a commit; None where nobody knows the repository."""
    if not repo or not sha or not set(sha) <= _SHA:
        return None
    return f"{web}/{repo}/commit/{sha}"
