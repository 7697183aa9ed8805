"""Keeps secrets out of whatever leaves: results, errors, logs, the audit trail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

GONE = "[redacted]"

MIN_SECRET = 6
"""Characters; shorter values would blot out ordinary words."""

_TOKENS = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,255}"  # GitHub: docs, "token formats"
    r"|github_pat_[A-Za-z0-9_]{20,255}"
    r"|bkua_[A-Za-z0-9]{20,80}"  # Buildkite API access tokens
    r"|hf_[A-Za-z0-9]{30,80}"  # Hugging Face
    r"|glpat-[A-Za-z0-9_-]{20,80}"  # GitLab
    r"|xox[abprs]-[A-Za-z0-9-]{10,200}"  # Slack
    r"|sk-[A-Za-z0-9_-]{20,200}"  # OpenAI, Anthropic
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"  # AWS access key ids
    r"|eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{0,1000})"
)
_AFTER = re.compile(
    r"(?i)((?:\bauthorization\b[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:bearer|basic|token)"
    r"|\bbearer)\s{1,4})([A-Za-z0-9._~+/=-]{8,2000})"
)
_USERINFO = re.compile(
    r"([a-z][a-z0-9+.-]{1,20}://[^\s/:@\"']{0,100}):[^\s/@\"']{1,200}@"
)


class Redactor:
    """Replaces known secrets, and whatever looks like a token, in any text.

    Args:
        secrets: Values that must never be seen, such as configured tokens.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= MIN_SECRET}, key=len)
        words = "|".join(re.escape(secret) for secret in reversed(known))
        self._known = re.compile(words) if words else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        if self._known:
            text = self._known.sub(GONE, text)
        text = _TOKENS.sub(GONE, text)
        text = _AFTER.sub(rf"\1{GONE}", text)
        return _USERINFO.sub(rf"\1:{GONE}@", text)

    def data(self, data: Any) -> Any:  # noqa: ANN401 - any JSON
        """JSON data without secrets, names of keys included."""
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, dict):
            return {self.text(str(key)): self.data(data[key]) for key in data}
        if isinstance(data, (list, tuple)):
            return [self.data(item) for item in data]
        return data
