"""The fingerprint of a failure: the same for the same failure in any job, host or time.

It is made of the exception, the first line of the message (masked) and the deepest
place in the project under test that is not a test, without its line number.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from sickbay.logs.masks import mask
from sickbay.logs.pattern import Pattern

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sickbay.logs.frameworks.results import Frame, TestResult
    from sickbay.logs.report import Cause

_DEEPEST_TESTS = 3
_PARTS_OF_PATH = 3
_MESSAGE_CHARS = 400
_TELLING_WORDS = 3

_FOREIGN_PATH = Pattern(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|_pytest|pluggy|gems|Lib"
    r"|\.cargo/registry|rustc|\.m2|\.gradle|go/pkg/mod|lib/python[0-9.]+)/"
    r"|^/(?:usr/)?(?:local/)?(?:lib\w*|include|share|go)/|^(?:<|node:|internal/)"
)
_FOREIGN_FUNCTION = Pattern(
    r"(?:java|javax|jdk|sun|kotlin|scala|groovy|junit"
    r"|org\.(?:junit|testng|hamcrest|assertj|mockito|apache\.maven|gradle))\."
    r"|(?:std|core|alloc|test|testing)::|(?:testing|runtime)\."
)
_TEST_PATH = Pattern(
    r"(?:^|/)(?i:tests?|__tests?__|testing|e2e)/|^(?:\./)?specs?/"
    r"|(?:^|/)(?:(?i:tests?[_.-]|spec_|conftest\.)|Tests?[A-Z])[^/]*$"
    r"|(?:[._-](?i:tests?|spec|e2e)|[a-z0-9](?:Tests?|TestCase|Spec))\.\w+$"
)
_TEST_FUNCTION = Pattern(r"(?:^|::)tests?::|(?:^|\.)Test[A-Z]\w*\.")
_CHECKOUT = Pattern(
    r"(?<![A-Za-z0-9_.~-])(?:(?:/home/runner/work|/Users/runner/work|/__w|[A-Z]:/a"
    r"|/builds|/home/travis/build)/[^/\s]+/[^/\s]+|/home/vsts/work/[0-9]+/s"
    r"|/var/lib/buildkite-agent/builds/[^/\s]+/[^/\s]+/[^/\s]+|/home/circleci/[^/\s]+"
    r"|/var/(?:lib/jenkins|jenkins_home)/workspace/[^/\s]+"
    r"|/go/src/[^/\s]+/[^/\s]+/[^/\s]+|/(?:[a-z]+-)?workspace)/"
)
_SYMPTOM = Pattern(
    r"(?i)\bsee\b.{0,40}\b(?:root cause|above)\b|\broot cause above\b"
    r"|\babove for (?:the )?root cause\b"
    r"|\bsee (?:\w+ ){0,4}logs? (?:above|for)\b"
    r"|\b(?:worker|child|engine|executor|peer|rank)s?(?: [^\s:]{1,40}){0,4}? "
    r"(?:died|dead|killed|lost|exited|terminated|crashed)\b"
    r"|\b(?:EngineDeadError|BrokenProcessPool|ChildFailedError)\b"
)
_OWN_REASON = Pattern(
    r"(?i)\bsignal\b|\bSIG[A-Z]{3,4}\b|while running|\bmemory\b|\bOOM\b"
)
_EXCEPTION = Pattern(
    r"(?<![A-Za-z0-9_./-])((?:[A-Za-z_]\w{0,60}\.){0,8}[A-Z]\w{0,60}"
    r"(?:Error|Exception|Failure|Fault|Interrupt|Warning|Exit)): ?(?=\S)"
)
_LIKE_FAILURE = Pattern(
    r"(?i)\berrors?\b(?![-./]\w)|\w(?:Error|Exception)\b|\bfail(?:ed|ures?|s|ing)?\b"
    r"|\b(?:fatal|panic(?:ked)?|traceback|cannot|could ?n[o']t|unable to|not found)\b"
    r"|\b(?:undefined (?:reference|symbol)|no such|denied|refused|timed? ?out)\b"
    r"|\b(?:segmentation|killed|aborted|invalid|(?:un)?expected|missing|violations?)\b"
    r"|^\s*(?:\u2717|\u2715|\u00d7|\u25cf|E\s{2,})|^\s*at \S+\(|\bassert\b"
    r"|\bexit(?:ed)?\b.{0,20}\b(?:code|status)?\W{0,3}[1-9]"
)
_STRONG = Pattern(
    r"(?i)^\W{0,4}(?:\w+ )?(?:error|fatal|fail(?:ed|ure)?|panic)\b|^E\s{2,}\S"
    r"|\berror(?:\[\w+\])?: |\w(?:Error|Exception): |\btraceback \(most|\bbuild fail"
    r"|<<< (?:fail|error)|\bcompilation (?:error|failure)|##\[error\]"
)
_HARMLESS = Pattern(
    r"(?i)^(?!.*\b(?:fail(?:ed|ures?)|errors?): [1-9]).*"
    r"(?:\b(?:0|no) (?:errors?|fail(?:ed|ures?))\b|\b(?:fail(?:ed|ures?)|errors?): 0\b"
    r"|\bwarn(?:ing)?\b|-Werror|--\w*fail)"
)


def signature(
    *, exception: str | None, message: str | None, frames: Sequence[Frame] = ()
) -> str:
    """The fingerprint of one failure as 16 hexadecimal digits.

    Empty for a mere symptom of another failure ("worker died, see above"): which
    failure that is, only the rest of its log can tell, and the clustering asks it.
    """
    if is_symptom(exception, message):
        return ""
    kind = (exception or "").rpartition(".")[2]
    masked = masked_line(message)
    return fingerprint(kind, masked, *_places(frames, masked))


def fingerprint(*parts: str) -> str:
    """Sixteen hexadecimal digits that stand for these texts."""
    text = "\0".join(parts).encode("utf-8", "replace")
    return blake2b(text, digest_size=8).hexdigest()


def of_test(result: TestResult) -> str:
    """The fingerprint of one failed test; empty for a symptom of another failure."""
    message, frames = result.message, result.frames
    masked = masked_line(message)
    if not any(map(_place, frames)) and is_generic(masked):
        # "assert False" from nowhere is the same failure in the same test only.
        message = f"{masked or result.outcome} in {result.test_id}"
    return signature(exception=result.exception, message=message, frames=frames)


def of_cause(cause: Cause) -> str:
    """The fingerprint of a span of a log; empty for a symptom of another failure."""
    exception, message = said(cause)
    return signature(exception=exception or cause.rule, message=message)


def said(cause: Cause) -> tuple[str | None, str]:
    """Exception, if it names one, and message of the line that tells most."""
    lines = [line for line in cause.text.splitlines() if line.strip()] or [""]
    line = max(lines, key=likeness)
    match = _EXCEPTION.search(line)
    return (match[1], line[match.end() :]) if match else (None, line.strip())


def is_symptom(exception: str | None, message: str | None) -> bool:
    """Whether this failure only says that something else failed before."""
    text = f"{exception or ''}: {message or ''}"[:_MESSAGE_CHARS]
    return bool(_SYMPTOM.search(text)) and not _OWN_REASON.search(text)


def is_generic(masked: str) -> bool:
    """Whether a masked line says too little to recognise a failure by it alone."""
    words = (word.strip("'\"()[]{}.,:;=") for word in masked.split())
    telling = {word for word in words if len(word) > _TELLING_WORDS and word.isalpha()}
    return len(telling - {"assert", "False", "True", "None"}) < _TELLING_WORDS


def masked_line(message: str | None) -> str:
    """The first line of a message that says something, masked and clipped."""
    return mask(_CHECKOUT.sub("", first_line(message)))


def first_line(message: str | None) -> str:
    """The first line of a message that says something, clipped."""
    lines = map(str.strip, (message or "").splitlines())
    return next(filter(None, lines), "")[:_MESSAGE_CHARS]


def likeness(line: str) -> float:
    """How much one line looks like a failure by its words, 0 to 1."""
    if not _LIKE_FAILURE.search(line):
        return 0.0
    if _HARMLESS.search(line):
        return 0.1
    return 1.0 if _STRONG.search(line) else 0.5


def _places(frames: Sequence[Frame], masked: str) -> list[str]:
    """The places that tell this failure from others with the same message.

    Where the project itself failed, no matter which test or caller asked it to, that
    place. Where a test failed by itself, none if its message tells enough.
    """
    own = [frame for frame in frames if _place(frame)]
    if own and not in_test(own[-1]):
        return [_place(own[-1])]
    if not is_generic(masked):
        return []
    return [_place(frame) for frame in own[-_DEEPEST_TESTS:]]


def in_test(frame: Frame) -> bool:
    """Whether a frame is in a test, or in what only tests use."""
    path = _CHECKOUT.sub("", frame.path.replace("\\", "/"))
    return bool(_TEST_PATH.search(path) or _TEST_FUNCTION.search(frame.function or ""))


def _place(frame: Frame) -> str:
    """Path and function of a frame of the project itself, else nothing."""
    path = frame.path.replace("\\", "/")
    function = (frame.function or "").partition("[")[0]
    if _FOREIGN_PATH.search(path) or _FOREIGN_FUNCTION.match(function):
        return ""
    parts = [
        part for part in _CHECKOUT.sub("", path).split("/") if part not in {"", "."}
    ]
    return f"{'/'.join(parts[-_PARTS_OF_PATH:])}:{function}"
