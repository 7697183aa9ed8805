"""Keeps secrets out of whatever leaves: results, errors, logs, the audit trail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sickbay.core.texts import cleaned
from sickbay.core.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

GONE = "[redacted]"

MIN_SECRET = 6
"""Characters; shorter values would blot out ordinary words."""

TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{20,255}"  # GitHub: docs, "token formats"
    r"|github_pat_[A-Za-z0-9_]{20,255}"
    r"|bkua_[A-Za-z0-9]{20,80}"  # Buildkite API access tokens
    r"|hf_[A-Za-z0-9]{30,80}"  # Hugging Face
    r"|glpat-[A-Za-z0-9_-]{20,80}"  # GitLab
    r"|xox[abprs]-[A-Za-z0-9-]{10,200}"  # Slack
    r"|sk-[A-Za-z0-9_-]{20,200}"  # OpenAI, Anthropic
    r"|(?:AKIA|ASIA)[A-Z0-9]{16}"  # AWS access key ids
    r"|eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{0,1000})"
)
BEGINNINGS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "bkua_", "hf_", "glpat-"),
    *("xox", "sk-", "AKIA", "ASIA", "eyJ"),
)
"""One of these is in whatever ``TOKENS`` finds, and is found forty times faster."""

AFTER = re.compile(
    r"(?i)((?:\bauthorization\b[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:bearer|basic|token)"
    r"|\bbearer)\s{1,4})([A-Za-z0-9._~+/=-]{8,2000})"
)
USERINFO = re.compile(
    r"([a-z][a-z0-9+.-]{1,20}://[^\s/:@\"']{0,100}):[^\s/@\"']{1,200}@"
)


class Redactor:
    """Replaces known secrets, and whatever looks like a token, in any text.

    Args:
        secrets: Values that must never be seen, such as configured tokens.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # Files end with a newline, and texts are made visible before they get here.
        shapes = {form for s in secrets for form in (s, s.strip(), visible(s).strip())}
        known = {form for form in shapes if len(form) >= MIN_SECRET}
        self._known = sorted(known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._known:
            text = text.replace(secret, GONE)
        if any(beginning in text for beginning in BEGINNINGS):
            text = TOKENS.sub(GONE, text)
        if "bearer" in (lower := text.lower()) or "authorization" in lower:
            text = AFTER.sub(rf"\1{GONE}", text)
        if "://" in text and "@" in text:
            text = USERINFO.sub(rf"\1:{GONE}@", text)
        return text

    def data(self, data: Any) -> Any:  # noqa: ANN401 - any JSON
        """JSON data without secrets, names of keys included."""
        return cleaned(data, self.text)
