"""Faults: whose fault a line of a failure speaks of, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from sickbay.ci.signs import Sign
    from sickbay.logs.report import Category

_LINES: tuple[tuple[Category, Pattern], ...] = (
    (
        "infrastructure",
        Pattern(
            r"(?i)\b(?:no space left|shutdown signal|lost communication|runner"
            r"|connection (?:reset|refused|aborted|timed out)|rate limit|sccache"
            r"|could(?: not|n't) (?:connect|resolve)|temporary failure|EOF occurred"
            r"|(?:docker|containerd) daemon|toomanyrequests|ECC error|NVML|nvidia-smi"
            r"|fallen off the bus|GPU is lost|no CUDA[- ](?:GPUs?|capable)"
            r"|bad HTTP status|HTTP (?:error )?(?:429|50[0-4])|50[0-4] [SBG]\w+ "
            r"|access denied|expiredtoken|ARTIFACT_NOT_FOUND|artifact not found"
            r"|unable to (?:access|download|fetch)|failed to (?:pull|download|fetch)"
            r"|manifest unknown|pod .{0,40}not online|read timed out)"
        ),
    ),
    (
        "dependency",
        Pattern(
            r"(?i)\b(?:no module named|ModuleNotFoundError|ResolutionImpossible"
            r"|no matching distribution|could not find a version|cannot import name"
            r"|ERR_?PNPM|npm ERR|failed building wheel|version conflict)"
        ),
    ),
    (
        "configuration",
        Pattern(
            r"(?i)\b(?:command not found|invalid workflow|unrecognized arguments"
            r"|missing (?:secret|environment variable)|startup[ _]failure"
            r"|no such option|not a valid input)"
        ),
    ),
    (
        "code",
        Pattern(
            r"(?i)undefined reference|\berror(?: C\d+)?: |\bfatal error\b|ninja: "
            r"|SyntaxError|IndentationError|\bLint for\b|linter|error\[E\d+\]"
            r"|segmentation fault|SIGSEGV|SIGABRT|backward incompatible"
        ),
    ),
)


def fault(sign: Sign) -> Category:
    """Whose fault it looks like; a test that failed with no such word is the test's."""
    text = " ".join(filter(None, (sign.text, sign.special)))[:1000]
    for category, pattern in _LINES:
        if pattern.search(text):
            return category
    return "test" if sign.tests else "unknown"
