from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.sections import Section, SectionReader

T0 = 1783974785
H0 = 1785265200.5


def lines_of(log: bytes) -> list[bytes]:
    return [line + b"\n" for line in log.removesuffix(b"\n").split(b"\n")]


def sections(log: bytes, *, blocks: int = 1) -> list[Section]:
    """Sections of a log that is fed in up to so many blocks."""
    reader = SectionReader()
    lines = lines_of(log)
    step = max(-(-len(lines) // blocks), 1)
    for start in range(0, len(lines), step):
        reader.feed(b"".join(lines[start : start + step]), start + 1)
    return list(reader.finish(len(lines)))


def outline(log: bytes) -> list[tuple[str, int, int]]:
    return [(each.name, each.line_start, each.line_end) for each in sections(log)]


def bk(seconds: float, text: str) -> bytes:
    return f"\x1b_bk;t={int((T0 + seconds) * 1000)}\x07{text}\r\n".encode()


def gh(seconds: int, text: str) -> bytes:
    return (
        f"2026-07-28T19:{seconds // 60:02}:{seconds % 60:02}.5000000Z {text}\n".encode()
    )


BUILDKITE = (
    bk(0, "~~~ Preparing working directory")
    + bk(1, "$ git clone")
    + bk(2, "--- :package: Build")
    + bk(3, "--- Logging error ---")
    + bk(3, "diff:")
    + b"--- not a header without its time\n"
    + bk(4, "+++ \x1b[33m:pytest: Test\x1b[0m")
    + bk(9, "1 failed")
    + bk(10, "^^^ +++")
    + bk(10, "\x1b[31m🚨 Error: The command exited with status 3\x1b[0m")
    + bk(12, "~~~ Running global pre-exit hook")
    + bk(13, "$ hook")
)
GITHUB = (
    gh(0, "##[group]Operating System")
    + gh(1, "Ubuntu")
    + gh(2, "##[endgroup]")
    + gh(3, "##[group]Run actions/checkout@v4")
    + gh(3, "with:")
    + gh(3, "##[endgroup]")
    + gh(4, "##[group]Fetching")
    + gh(6, "##[endgroup]")
    + gh(10, "##[group]Run make")
    + gh(10, "##[endgroup]")
    + gh(11, "echo '##[group]quoted'")
    + gh(70, "##[error]Process completed with exit code 2.")
    + gh(71, "Post job cleanup.")
    + gh(75, "Cleaning up orphan processes")
)
GITLAB = (
    b"Running with gitlab-runner 16.11.0\n"
    b"section_start:1700000000:prepare_executor\r\x1b[0K\x1b[36;1mPreparing\x1b[0;m\n"
    b"image\n"
    b"section_end:1700000005:prepare_executor\r\x1b[0K"
    b"section_start:1700000005:step_script\r\x1b[0K\x1b[36;1mExecuting\x1b[0;m\n"
    b"section_start:1700000006:tests[collapsed=true]\r\x1b[0KRunning the tests\n"
    b"1 failed\n"
    b"section_end:1700000036:tests\r\x1b[0K\n"
    b"section_end:1700000040:step_script\r\x1b[0K"
    b"section_start:1700000040:cleanup_file_variables\r\x1b[0K\x1b[36;1mCleaning\x1b[0m\n"
    b"section_end:1700000041:cleanup_file_variables\r\x1b[0K\n"
    b"\x1b[31;1mERROR: Job failed: exit code 4\n"
)
TRAVIS = (
    b"travis_fold:start:system_info\r\x1b[0KBuild system\r\n"
    b"travis_fold:end:system_info\r\x1b[0K\r\n"
    b"travis_fold:start:install.1\r\x1b[0Ktravis_time:start:0da2\r\x1b[0K$ npm i\r\n"
    b"\r\n"
    b"travis_time:end:0da2:start=1455487420000000000,finish=1455487422500000000,"
    b"duration=2500000000\r\x1b[0Ktravis_fold:end:install.1\r\x1b[0K\r\n"
    b"travis_time:start:1554\r\x1b[0K$ npm test\r\n"
    b"1 failing\r\n"
    b"travis_time:end:1554:start=1455487423000000000,finish=1455487433000000000,"
    b"duration=10000000000\r\x1b[0K\r\n"
    b'\x1b[31;1mThe command "npm test" exited with 1.\x1b[0m\r\n'
    b"Done. Your build exited with 1.\r\n"
)
AZURE = (
    gh(0, "##[section]Starting: Build")
    + gh(1, "##[group]Restore")
    + gh(3, "##[endgroup]")
    + gh(8, "##[error]Bash exited with code '5'.")
    + gh(9, "##[section]Finishing: Build")
    + gh(9, "##[section]Starting: Publish")
)
JENKINS = (
    b"[Pipeline] Start of Pipeline\n[Pipeline] node\n[Pipeline] {\n"
    b"[Pipeline] stage\n[Pipeline] { (Build)\n[Pipeline] sh\n+ make\n[Pipeline] }\n"
    b"[Pipeline] // stage\n[Pipeline] stage\n[Pipeline] { (Test)\n+ make test\n"
    b"[Pipeline] }\n[Pipeline] // stage\n[Pipeline] stage\n[Pipeline] { (Deploy)\n"
    b'Stage "Deploy" skipped due to earlier failure(s)\n[Pipeline] }\n'
    b"[Pipeline] }\n[Pipeline] // node\n[Pipeline] End of Pipeline\n"
    b"ERROR: script returned exit code 7\nFinished: FAILURE\n"
)
LOGS = {
    "buildkite": BUILDKITE,
    "github": GITHUB,
    "gitlab": GITLAB,
    "travis": TRAVIS,
    "azure": AZURE,
    "jenkins": JENKINS,
}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(
            BUILDKITE,
            [
                ("Preparing working directory", 1, 2),
                (":package: Build", 3, 6),
                (":pytest: Test", 7, 10),
                ("Running global pre-exit hook", 11, 12),
            ],
            id="buildkite",
        ),
        pytest.param(
            GITHUB,
            [
                ("Operating System", 1, 3),
                ("Run actions/checkout@v4", 4, 8),
                ("Fetching", 7, 8),
                ("Run make", 9, 12),
                ("Post job cleanup.", 13, 13),
                ("Cleaning up orphan processes", 14, 14),
            ],
            id="github",
        ),
        pytest.param(
            GITLAB,
            [
                ("Preparing", 2, 4),
                ("Executing", 4, 8),
                ("Running the tests", 5, 7),
                ("Cleaning", 8, 9),
            ],
            id="gitlab",
        ),
        pytest.param(
            TRAVIS,
            [("system_info", 1, 2), ("install.1: npm i", 3, 5), ("npm test", 6, 9)],
            id="travis",
        ),
        pytest.param(
            AZURE, [("Build", 1, 5), ("Restore", 2, 3), ("Publish", 6, 6)], id="azure"
        ),
        pytest.param(
            JENKINS,
            [("Build", 5, 8), ("Test", 11, 13), ("Deploy", 16, 18)],
            id="jenkins",
        ),
        pytest.param(b"--- a\n+++ b\n", [], id="plain"),
    ],
)
def test_sections_span_what_belongs_to_them(
    log: bytes, expected: list[tuple[str, int, int]]
) -> None:
    assert outline(log) == expected


@pytest.mark.parametrize(
    ("log", "name", "exit_status"),
    [
        pytest.param(BUILDKITE, ":pytest: Test", 3, id="buildkite"),
        pytest.param(GITHUB, "Run make", 2, id="github"),
        pytest.param(GITLAB, "Executing", 4, id="gitlab"),
        pytest.param(TRAVIS, "npm test", 1, id="travis"),
        pytest.param(AZURE, "Build", 5, id="azure"),
        pytest.param(JENKINS, "Test", 7, id="jenkins"),
    ],
)
def test_the_section_that_failed_is_named_alone(
    log: bytes, name: str, exit_status: int
) -> None:
    failed = [(each.name, each.exit_status) for each in sections(log) if each.failed]
    assert failed == [(name, exit_status)]


@pytest.mark.parametrize(
    ("log", "name", "started_s", "duration_s"),
    [
        pytest.param(BUILDKITE, ":pytest: Test", T0 + 4, 8, id="buildkite"),
        pytest.param(BUILDKITE, "Running global pre-exit hook", T0 + 12, 1, id="last"),
        pytest.param(GITHUB, "Run make", H0 + 10, 61, id="github"),
        pytest.param(GITLAB, "Running the tests", 1700000006, 30, id="gitlab"),
        pytest.param(TRAVIS, "install.1: npm i", 1455487420, 2.5, id="travis-fold"),
        pytest.param(TRAVIS, "npm test", 1455487423, 10, id="travis-command"),
        pytest.param(TRAVIS, "system_info", None, None, id="no-times"),
        pytest.param(AZURE, "Restore", H0 + 1, 2, id="azure"),
        pytest.param(JENKINS, "Build", None, None, id="jenkins-without-stamps"),
    ],
)
def test_sections_have_the_times_that_the_log_has(
    log: bytes, name: str, started_s: float | None, duration_s: float | None
) -> None:
    section = next(each for each in sections(log) if each.name == name)
    assert section.started_s == started_s
    assert section.duration_s == duration_s


def test_headers_of_an_agent_without_times_are_found() -> None:
    log = (
        b"~~~ Running commands\n$ make\n--- a/x.py\n+++ b/x.py\n+++ Test\nno\n"
        b"^^^ +++\nError: The command exited with status 1\n"
    )
    assert outline(log) == [("Running commands", 1, 4), ("Test", 5, 8)]


@pytest.mark.parametrize(
    "stamp",
    [
        pytest.param(b"", id="as-the-agent-prints-them"),
        pytest.param(b"[2026-07-13T19:39:37Z] ", id="with-times-like-other-lines"),
    ],
)
def test_headers_among_lines_with_printed_times_are_found(stamp: bytes) -> None:
    log = (
        stamp
        + b"--- Build\n[2026-07-13T19:39:37Z] cc\n"
        + stamp.replace(b"37Z", b"47Z")
        + b"+++ Test\n[2026-07-13T19:39:47Z] x\n[2026-07-13T19:39:49Z] ok\n"
    )
    found = [(each.name, each.duration_s) for each in sections(log)]
    assert found == [("Build", 10.0), ("Test", 2.0)]


def test_output_that_looks_like_a_header_is_none_where_headers_have_no_time() -> None:
    log = (
        b"~~~ Running commands\n[2026-07-13T19:39:37Z] --- expected\n"
        b"[2026-07-13T19:39:38Z] failed\n"
    )
    assert outline(log) == [("Running commands", 1, 3)]


def test_an_error_that_is_the_last_line_of_a_step_fails_it() -> None:
    log = (
        gh(0, "##[group]Run codecov/upload@v4")
        + gh(0, "##[endgroup]")
        + gh(1, "##[error]Codecov token not found")
        + gh(2, "##[group]Run make")
        + gh(2, "##[endgroup]")
        + gh(3, "##[error]src/x.py#L1: only a note")
        + gh(4, "ok")
    )
    assert [each.failed for each in sections(log)] == [True, False]


def test_a_container_hook_is_a_part_of_its_step() -> None:
    log = (
        gh(0, "##[group]Run make")
        + gh(0, "##[endgroup]")
        + gh(1, "##[group]Run '/home/runner/k8s/index.js'")
        + gh(1, "##[endgroup]")
        + gh(9, "##[error]Process completed with exit code 1.")
    )
    assert [each.name for each in sections(log) if each.failed] == ["Run make"]


def test_a_travis_command_whose_returns_became_line_ends_keeps_its_name() -> None:
    log = TRAVIS.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    names = [each.name for each in sections(log)]
    assert names == ["system_info", "install.1: npm i", "npm test"]


@pytest.mark.parametrize(
    "log", [pytest.param(log, id=name) for name, log in LOGS.items()]
)
def test_blocks_do_not_change_the_sections(log: bytes) -> None:
    for blocks in range(2, 5):
        assert sections(log, blocks=blocks) == sections(log)


PIECES = st.sampled_from([line for log in LOGS.values() for line in lines_of(log)])


@given(st.sampled_from(list(LOGS.values())), st.lists(PIECES | st.binary(max_size=20)))
def test_any_mixture_of_lines_gives_sections_within_the_log(
    head: bytes, pieces: list[bytes]
) -> None:
    log = lines_of(head)[0] + b"".join(pieces)
    total = len(lines_of(log))
    for each in sections(log):
        assert 1 <= each.line_start <= each.line_end <= total
        assert each.duration_s is None or each.duration_s >= 0


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(
            gh(0, "##[section]Starting: A")
            + gh(1, "echo ##[error]quoted")
            + gh(2, "##[section]Finishing: B")
            + gh(3, "##[endgroup]"),
            [("A", None, False)],
            id="azure-quotes-and-strays",
        ),
        pytest.param(
            gh(0, "##[error]before any task") + gh(1, "##[section]Starting: A"),
            [("A", None, False)],
            id="azure-error-before-all",
        ),
        pytest.param(
            gh(0, "##[section]Starting: A") + gh(1, "##[error]no exit status"),
            [("A", None, True)],
            id="azure-error-without-status",
        ),
        pytest.param(
            b"[Pipeline] }\n[Pipeline] { (A)\n+ make\nFinished: FAILURE\n",
            [("A", None, True)],
            id="jenkins-fails-in-the-open-stage",
        ),
        pytest.param(
            b"[Pipeline] node\nscript returned exit code 1\nFinished: FAILURE\n",
            [],
            id="jenkins-without-stages",
        ),
        pytest.param(
            b"travis_fold:end:x\r\n"
            b'The command "a" exited with 1.\r\n'
            b"travis_fold:start:y\r\n",
            [("y", None, False)],
            id="travis-strays",
        ),
        pytest.param(
            b"travis_fold:start:script\r\x1b[0K\r\n\r\n"
            b"travis_time:start:1\r\x1b[0K$ make\r\n"
            b"travis_time:end:1:start=1,finish=2,duration=1\r\x1b[0K\r\n"
            b'The command "make" failed and exited with 2 during .\r\n',
            [("script", None, True), ("make", 2, True)],
            id="travis-command-within-an-open-fold",
        ),
        pytest.param(
            b"Running with gitlab-runner\nERROR: Job failed (system failure)\n",
            [],
            id="gitlab-without-sections",
        ),
        pytest.param(
            b"section_start:1700000000:get_sources\r\x1b[0KGetting\n"
            b"ERROR: Job failed (system failure): prepare\n",
            [("Getting", None, True)],
            id="gitlab-fails-before-the-script",
        ),
        pytest.param(
            b"^^^ +++\n~~~ Running commands\nexited with status 1\n",
            [("Running commands", None, False)],
            id="buildkite-reopens-nothing",
        ),
    ],
)
def test_marks_without_a_match_do_no_harm(
    log: bytes, expected: list[tuple[str, int | None, bool]]
) -> None:
    found = [(each.name, each.exit_status, each.failed) for each in sections(log)]
    assert found == expected


def test_a_date_that_no_calendar_has_is_no_time() -> None:
    log = b"2026-13-28T19:53:48.9573438Z ##[group]x\n"
    assert [each.started_s for each in sections(log)] == [None]


def test_a_log_of_nothing_but_groups_stays_small() -> None:
    log = gh(0, "##[group]x") * 20_500
    assert len(sections(log)) == 20_000
