"""Faults: whose fault a line of a failure speaks of, at a glance."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from sickbay.ci.signs import Sign
    from sickbay.logs.catalogue import Catalogue
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

_SEEN = 1000
"""Letters of a line that are looked at."""


def by_rules(catalogue: Catalogue) -> Callable[[Sign], Category]:
    """The same, surer: by the rules that explain logs, and at a glance where none fits.

    Args:
        catalogue: The rules, as for a log.
    """
    return partial(_by_rules, catalogue)


def _by_rules(catalogue: Catalogue, sign: Sign) -> Category:
    line = sign.text.encode("utf-8", "replace")
    found = [
        catalogue.rules[ident]
        for ident in {ident for _, ident in catalogue.engine.scan(line + b"\n")}
        if ident < len(catalogue.rules)
        and catalogue.expressions[ident].captures(line) is not None
    ]
    known = [rule for rule in found if rule.fault != "unknown"]
    if not known:
        return fault(sign)
    return max(known, key=lambda rule: (rule.weight, rule.name)).fault


def fault(sign: Sign) -> Category:
    """Whose fault it looks like; a test that failed with no such word is the test's."""
    text = sign.text[:_SEEN]
    for category, pattern in _LINES:
        if pattern.search(text):
            return category
    return "test" if sign.tests else "unknown"
