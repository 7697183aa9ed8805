"""What an operator sets for the ``hud`` toolset."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ByteSize,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)

from sickbay.clients.address import web_address

URL = "https://hud.pytorch.org"

Address = Annotated[str, AfterValidator(web_address)]


class Settings(BaseModel):
    """Where the HUD is, who asks, and what is meant when nothing is said."""

    model_config = ConfigDict(extra="forbid")

    url: Address | None = Field(
        None, description=f"base address of the HUD; {URL} unless set"
    )
    bot_token: SecretStr | None = Field(
        None, description="sent to the HUD as x-hud-internal-bot"
    )
    github_token: SecretStr | None = Field(
        None,
        description="of a GitHub user who may write to the repository: "
        "sent to the HUD, which asks for it where there is no bot_token",
    )
    log_url: Address = Field(
        "https://ossci-raw-job-status.s3.amazonaws.com",
        description="where logs of finished jobs are",
    )
    temp_log_url: Address = Field(
        "https://gha-artifacts.s3.us-east-1.amazonaws.com",
        description="where logs of running jobs are",
    )
    stats_url: Address = Field(
        "https://raw.githubusercontent.com/pytorch/test-infra/generated-stats",
        description="where the lists of disabled tests and flaky rules are",
    )
    repo: str = Field(
        "pytorch/pytorch",
        pattern=r"^[\w.-]+/[\w.-]+$",
        description="the repository that is meant when none is named",
    )
    branch: str = Field("main", description="its trunk")
    max_log_bytes: ByteSize = Field(
        ByteSize(1 << 30), gt=0, description="size of one fetched log, unpacked"
    )
    clickhouse_url: Address | None = Field(
        None, description="a ClickHouse of your own, for hud_query with SQL"
    )
    clickhouse_user: str | None = Field(None, description="who asks it")
    clickhouse_password: SecretStr | None = Field(None, description="and the password")
    clickhouse_database: str = Field("default", description="where its tables are")

    @property
    def base_url(self) -> str:
        """Where the HUD is."""
        return self.url or URL

    @property
    def configured(self) -> bool:
        """Whether somebody said which HUD, or who asks."""
        return any((self.url, self.bot_token, self.github_token))

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.clickhouse_password and not self.clickhouse_user:
            raise ValueError("clickhouse_password needs clickhouse_user")
        return self
