from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sickbay.logs.frameworks import stestr as reader
from tests.logs.frameworks import samples


def test_failed_tests_come_with_their_messages() -> None:
    session = samples.only(reader, "unittest/stestr")
    assert {result.test_id: result.message for result in session.failed} == {
        "tests.test_suite.S": "setUpClass failed",
        "tests.test_suite.T.test_error": "[Errno 28] No space left on device",
        "tests.test_suite.T.test_lists": "Lists differ: [1, 2] != [1, 3]",
        "tests.test_suite.T.test_subtests": "1 != 0",
        "tests.test_suite.T.test_surprise": None,
    }


def test_totals_are_stestr_s_own() -> None:
    session = samples.only(reader, "unittest/stestr")
    assert session.expected_failed == len(session.failed) == 5
    assert (session.counts.skipped, session.counts.xfailed) == (1, 1)


def test_run_cut_off_has_no_final_count() -> None:
    text = b"{0} m.C.test_a [0.1s] ... FAILED\n{1} m.C.test_b [0.1s] ... ok\n"
    (session,) = samples.sessions(reader, text)
    assert session.expected_failed is None
    assert samples.outcomes(session) == {"m.C.test_a": "failed"}
    assert session.passed == {"m.C.test_b"}


LINES = st.sampled_from(
    (samples.DATA / "unittest/stestr.log").read_bytes().splitlines()
)


@given(st.lists(LINES | st.binary(max_size=40), max_size=60))
def test_any_lines_give_sound_sessions(lines: list[bytes]) -> None:
    samples.check_sound(reader, b"\n".join(lines) or b"\n")
