"""What an operator sets for the ``buildkite`` toolset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
)

from sickbay.clients.address import web_address

URL = "https://api.buildkite.com"
WEB_URL = "https://buildkite.com"
GITHUB_URL = "https://api.github.com"

Address = Annotated[str, AfterValidator(web_address)]


class Settings(BaseModel):
    """Where Buildkite and GitHub are, who asks, and what is meant by default."""

    model_config = ConfigDict(extra="forbid")

    url: Address | None = Field(
        None, description=f"base address of Buildkite's API; {URL} unless set"
    )
    token: SecretStr | None = Field(
        None,
        description="API access token: read_builds, read_build_logs, read_artifacts; "
        "write_builds to retry and unblock",
    )
    web_url: Address | None = Field(
        None,
        description="where public pipelines are read without a token; "
        f"{WEB_URL} unless set",
    )
    folder: Path | None = Field(
        None, description="saved builds and logs, read instead of Buildkite"
    )
    organization: str = Field(
        "vllm", pattern=r"^[\w.-]+$", description="meant when none is named"
    )
    pipeline: str = Field(
        "ci", pattern=r"^[\w.-]+$", description="meant when none is named"
    )
    branch: str = Field("main", description="its trunk")
    nightly: str = Field(
        r"(?i)^(?:.* - )?nightly\b",
        description="regular expression of the titles of nightly builds",
    )
    repo: str = Field(
        "vllm-project/vllm",
        pattern=r"^[\w.-]+/[\w.-]+$",
        description="the repository on GitHub that is built",
    )
    github_url: Address | None = Field(
        None, description=f"base address of GitHub's API; {GITHUB_URL} unless set"
    )
    github_token: SecretStr | None = Field(
        None, description="of GitHub: for issues, CODEOWNERS and commits"
    )
    issue_label: str = Field(
        "ci-failure", description="label of issues that track failures"
    )
    repo_path: Path | None = Field(
        None, description="a checkout of the repository, for blame and CODEOWNERS"
    )
    test_roots: tuple[str, ...] = Field(
        ("tests",), description="folders that test ids may be relative to"
    )
    log_in: bool = Field(
        default=True,
        description="use the tokens of bk and gh where a user is logged in with them",
    )
    max_log_bytes: ByteSize = Field(
        ByteSize(256 << 20), gt=0, description="size of one log that is read whole"
    )

    @property
    def base_url(self) -> str:
        """Where Buildkite's API is."""
        return self.url or URL

    @property
    def configured(self) -> bool:
        """Whether somebody said which Buildkite, or who asks."""
        return any((self.url, self.token, self.folder, self.web_url))
