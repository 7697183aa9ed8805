"""Lines that say nothing of their own: blanks, stack frames, an outer tool's report."""

from __future__ import annotations

from sickbay.logs.pattern import Pattern

CLIP = 400
"""Characters of a line that decide what it is."""

WRAPPERS = Pattern(
    r"\s*(?:"
    r"npm (?:ERR!|error)(?:\s*$|\s\s| code (?:ELIFECYCLE|\d+$)| [Ee]xit status"
    r"| (?:errno|syscall|signal|argv|node|npm|cwd|path|workspace|location|command"
    r"|lifecycle|script|file|prefix)\b| (?:Linux|Darwin|Windows)| [Tt]est failed"
    r"| Failed at| This is (?:most likely|probably)| Make sure you| If you (?:do|need)"
    r"| Tell the author| There is likely| You can get| not ok code| Please include"
    r"| A complete log| [\w@/.-][\w/.-]*@\S+ [\w:-]+: `| Or if that"
    r"| Additional logging)"
    r"|(?:g?make|mingw32-make)(?:\[\d+\])?: (?:\*\*\*|Leaving|Target|Entering)"
    r"|\S*[Mm]akefile\S*:\d+: recipe for target"
    r"|(?:error|info) (?:Command failed|Visit https|\"\S+\" exited)"
    r"| ?ELIFECYCLE |ERROR: \"[^\"]+\" exited with|Test failed\. +See above"
    r"|(?:##\[error\])?(?:Error: )?Process completed with exit code"
    r"|\S* ?Error: The command exited with status|user command error:"
    r"|ERROR: Job failed|(?:##\[error\])?(?:Bash|PowerShell|Cmd\.exe) exited with"
    r"|Build step '.*' (?:marked|changed) build|script returned exit code"
    r"|The command \"|.*\" (?:failed and )?exited with [1-9]\d*"
    r"|Done\. Your build exited|Your build has been stopped"
    r"|Execution halted|ninja: build stopped|collect2: error: ld returned"
    r"|error: (?:build failed|aborting due to|test failed, to rerun)"
    r"|error: [Cc]ould not compile|warning: build failed, waiting"
    r"|Some errors (?:have|occurred)|For more information about this error"
    r"|To learn more, run the command again|process didn't exit successfully"
    r"|Tasks: TOP|\(See full trace by|Command failed with (?:status|exit)"
    r"|\[(?:ERROR|INFO)\]\s*(?:$|-> \[Help|Re-run Maven|To see the full|\[Help"
    r"|For more information|After correcting|Finished at|Total time|-+$|BUILD FAILURE"
    r"|Final Memory)|\* (?:Try:|Get more help)|> Run with --(?:stacktrace|info|scan)"
    r"|Run with --(?:stacktrace|info|debug|scan)|BUILD FAILED in|\d+ actionable task"
    r"|(?:subprocess\.)?CalledProcessError|Exited with code"
    r"|exit (?:status|code):? \d+$|Cleaning up (?:orphan|project)|Post job cleanup"
    r"|store build cache|nothing changed|changes detected|cache uploaded"
    r"|uploading \S+/cache)"
)
"""Lines by which an outer tool says that something above it failed."""

FRAMES = Pattern(
    r"\s*(?:at \S.*[:(]|at <|File \".*\", line \d+|from \S+:\d+:in"
    r"|\S+\.rb:\d+:in |#\d+ +\S|\d+:\s+0x[0-9a-f]|\d+: +\S+::|\.\.\. \d+ more"
    r"|\S+@\S+:\d+:\d+$|\(\w+ [\d.]+[-\w]*\) \S+:\d+:)"
)
"""One frame of a stack, in most languages."""

PROGRESS = Pattern(
    r"\s*(?:\[\s*\d+(?:%|/| of )|(?:Compiling|Download(?:ing|ed)|Install(?:ing|ed)"
    r"|Fetching|Building|Running|Unpacking|Setting up|Selecting|Get|Hit|Ign|Cloning"
    r"|Preparing|Reading|Collecting|Starting|Finished|Generating|Copying|Creating"
    r"|Requirement already|Using cached|go: downloading)\b|\$ |> \S+@\S+ |\+ \w"
    r"|(?:\S*/)?(?:g?cc|[gc]\+\+|clang(?:\+\+)?|rustc|javac|nvcc|ld|ar|g?make) -"
    r"|(?:##)?\[(?:command|group|endgroup|section|debug)\]"
    "|[\u2713\u2714] |ok \\d+ |PASS(?:ED)?\\b|\\[INFO\\]|INFO\\b|\\[info\\]"
    r"|=+ (?:\d+ (?:(?:de)?selected|skipped|x?passed|xfailed|warnings?|rerun),? )+in \d"
    r"|\[\d\d:\d\d:\d\d\] (?:Starting|Finished|Using))"
)
"""A line of ordinary progress: no message has it in its middle."""

HEADERS = Pattern(
    r"(?:=+ test session starts =+$|platform \S+ -- Python |cachedir: |rootdir: "
    r"|(?:config|ini)file: |testpaths: |plugins: \S+-\d|metadata: \{"
    r"|hypothesis profile |collect(?:ing|ed) (?:\.\.\.|\d)|created: \d+/\d+ workers?"
    r"|\d+ workers? \[\d+ items?\]|scheduling tests via )"
)
"""What pytest says of itself and its plugins before the first test."""

SPEAKER = Pattern(
    r"(?P<who>\([\w.]{1,60}(?: [\w.]{1,60}){0,4} pid=\d{1,10}[^)]{0,80}\)"
    r"|\[rank\d+\]:) ?"
    r"(?:(?:ERROR|CRITICAL|FATAL) \S{1,40} \S{1,40} \[[^\]]{1,80}\] )?"
)
"""The process that a line is of, where several share a log; its logger's stamp."""

BLANK = Pattern(r"\s*(?:nl\s*)?$|[\s=*~_.#+|!-]{1,400}$|[\s.]*$")
"""A line without content: empty, a ruler, or dots."""


def is_blank(text: str) -> bool:
    """Whether a line has no content of its own."""
    return BLANK.fullmatch(text[:CLIP]) is not None


def spoken(text: str) -> str:
    """What a line says, without the name of the process that says it."""
    speaker = SPEAKER.match(text)
    return text[speaker.end() :] if speaker else text


def speaker(text: str) -> str:
    """The process that a line is of; empty where the line does not say."""
    found = SPEAKER.match(text)
    return found["who"] if found else ""


def is_header(text: str) -> bool:
    """Whether a test run only introduces itself."""
    return HEADERS.match(text[:CLIP]) is not None


def is_progress(text: str) -> bool:
    """Whether the line reports ordinary progress."""
    return PROGRESS.match(text[:CLIP]) is not None


def is_wrapper(text: str) -> bool:
    """Whether an outer tool only reports that something above failed."""
    return WRAPPERS.match(text[:CLIP]) is not None


def is_frame(text: str) -> bool:
    """Whether the line is a frame of a stack."""
    return FRAMES.match(text[:CLIP]) is not None
