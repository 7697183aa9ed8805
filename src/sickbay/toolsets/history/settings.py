"""What an operator sets for the ``history`` toolset."""

from __future__ import annotations

from pathlib import Path
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

GITHUB_URL = "https://api.github.com"

Address = Annotated[str, AfterValidator(web_address)]


class Settings(BaseModel):
    """Where the history is kept, for how long, and what is meant by default."""

    model_config = ConfigDict(extra="forbid")

    path: Path | None = Field(
        None, description="folder of its tables; history in the state folder unless set"
    )
    clickhouse_url: Address | None = Field(
        None, description="a ClickHouse that keeps it instead, for a team or a cluster"
    )
    clickhouse_user: str | None = Field(None, description="who asks it")
    clickhouse_password: SecretStr | None = Field(None, description="and the password")
    clickhouse_database: str = Field("sickbay", description="where its tables are")
    keep_days: int | None = Field(
        None, gt=0, description="builds older than this go; unset, they stay"
    )
    keep_bytes: ByteSize | None = Field(
        None, gt=0, description="size of the tables, beyond which the oldest builds go"
    )
    pipeline: str | None = Field(
        None,
        description="meant when none is named, such as vllm/ci; "
        "unset, the one with the newest build",
    )
    branch: str = Field("main", description="its trunk")
    repo: str | None = Field(
        None,
        pattern=r"^[\w.-]+/[\w.-]+$",
        description="the repository on GitHub that is built: for its commits",
    )
    repo_path: Path | None = Field(
        None, description="a checkout of it, asked before GitHub"
    )
    github_url: Address | None = Field(
        None, description=f"base address of GitHub's API; {GITHUB_URL} unless set"
    )
    github_token: SecretStr | None = Field(None, description="of GitHub: for commits")
    log_in: bool = Field(
        default=True, description="use the token of gh where a user is logged in"
    )
    fetch_budget_s: float = Field(
        45.0, ge=0, description="seconds in which builds that are missing are read"
    )
    query_rows: int = Field(1000, gt=0, description="rows of an answer of query")
    query_s: float = Field(20.0, gt=0, description="how long a query may take")
    query_bytes: ByteSize = Field(
        ByteSize(1 << 30), gt=0, description="memory that a query may take"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.clickhouse_password and not self.clickhouse_user:
            raise ValueError("clickhouse_password needs clickhouse_user")
        return self
