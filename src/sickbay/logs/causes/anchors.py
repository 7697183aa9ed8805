"""The lines that the search for causes wants to be woken for."""

from __future__ import annotations

from sickbay.logs.anchors import Anchor

ANCHORS: tuple[Anchor, ...] = (
    Anchor(
        "cause.exit",
        r'" (failed and )?exited with [1-9][0-9]*( during .*)?\.$'
        r"|^##\[error\](Process completed with|(Bash|PowerShell|Cmd\.exe) exited with)"
        r"|Error: (Process completed with exit code|The command exited with status)"
        r"|^ERROR: Job failed"
        r"|^Build step '.*' (marked|changed) build"
        r"|script returned exit code [1-9]",
        before=200,
    ),
    Anchor("cause.passed", r'" exited with 0\.$'),
    Anchor("cause.command", r"^\$ |^##\[group\]Run "),
    Anchor("cause.endgroup", r"^##\[endgroup\]"),
    Anchor("cause.quoted", r'^The command "'),
    Anchor(
        "cause.end", r"^Done\. Your build exited with |^Your build has been stopped"
    ),
    Anchor(
        "cause.strong",
        r":[0-9]+:? (fatal )?error\b|[0-9]\)\s?: (fatal )?error |^\[error\] "
        r"|^error(\[E[0-9]+\])?: |error [A-Z]{1,4}[0-9]{2,5}\b"
        r"|^(\S+\.)?[A-Z][A-Za-z]*(Error|Exception)(:|$)|^Error: |^\*\* \([A-Z]"
        r"|^Traceback \(most recent|^Exception in thread|panicked at|^panic: "
        r"|^(ERROR|FATAL|FAIL|FAILED|Failure|CRITICAL)\b|^##\[error\]"
        r"|: (fatal |internal )?[Ee]rror: |^fatal: |not ok [0-9]"
        "|\u2716|\u2717|\u274c|\u2a2f"
        "|^ *\u25cf "
        r"|^ *[0-9]{1,9}\) |--- FAIL: |^_{3,} .+ _{3,}$|\*\*\* FAILED"
        r"|^ *(Failures|Offenses|Errors):|^There (was|were) [0-9]+ (fail|err)"
        r"|^ *[1-9][0-9]* failing|[Ss]egmentation fault|[Cc]ore dumped|[Oo]ut of memory"
        r"|^ *(Killed|Terminated)$|[Cc]rashed",
        before=10,
        after=12,
    ),
    Anchor(
        "cause.wrapper",
        r"^npm ERR! |^g?make(\[[0-9]+\])?: \*\*\*|^(error|info) Command failed"
        r"|Command failed with (exit|status)|^ninja: build stopped|^Execution halted"
        r"|^error: (build failed|aborting due|[Cc]ould not compile|test failed)"
        r"|^collect2: |[Mm]akefile:[0-9]+: recipe for|^ERROR: \"|BUILD FAIL"
        r"|exited with (code |status )?[1-9]|CalledProcessError|\(See full trace",
        before=12,
    ),
    Anchor(
        "cause.word",
        r"[Ee]rror|ERROR|[Ff]ail|FAIL|[Ff]atal|FATAL|[Aa]borted|[Ee]xception"
        r"|[Nn]o such|[Nn]ot found|NOT_FOUND|[Cc]annot |[Cc]ould ?n[o']t |[Uu]nable to"
        r"|[Uu]ndefined |[Dd]enied|[Rr]efused|[Tt]imed out|[Ii]nvalid|[Uu]nexpected"
        r"|[Mm]ismatch|ILLEGAL|[Ee]xpected |[Nn]ot installed|[Nn]ot available",
        before=2,
        after=4,
    ),
)
"""What the scan finds for us; everything else is read around these lines."""
