from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.core.errors import Malformed
from sickbay.logs.frameworks.junit import junit_suites, parse_junit

if TYPE_CHECKING:
    from sickbay.logs.frameworks.results import Session

CASE = '<testsuite name="{suite}" tests="1" failures="1" errors="0">{cases}</testsuite>'


def report(cases: str, suite: str = "pytest") -> bytes:
    return CASE.format(suite=suite, cases=cases).encode()


def only(cases: str, suite: str = "pytest") -> Session:
    (session,) = parse_junit(report(cases, suite))
    return session


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param(
            'classname="tests.test_a.TestC.TestD" name="test_x[a.b]"',
            "tests/test_a.py::TestC::TestD::test_x[a.b]",
            id="classes",
        ),
        pytest.param(
            'classname="tests.test_a" name="test_x"',
            "tests/test_a.py::test_x",
            id="module",
        ),
        pytest.param(
            'classname="Pkg.test_a.C" name="x" file="Pkg/test_a.py"',
            "Pkg/test_a.py::C::x",
            id="file attribute",
        ),
        pytest.param(
            'classname="TestC" name="test_x" file="test_a.py"',
            "test_a.py::TestC::test_x",
            id="bare class and file",
        ),
    ],
)
def test_node_ids_are_rebuilt(attributes: str, expected: str) -> None:
    session = only(f'<testcase {attributes}><failure message="E: x"/></testcase>')
    assert [result.test_id for result in session.failed] == [expected]


def test_other_tools_names_are_left_dotted() -> None:
    cases = '<testcase classname="com.foo.BarTest" name="works"><failure/></testcase>'
    session = only(cases, suite="com.foo.BarTest")
    assert session.framework == "junit"
    assert session.failed[0].test_id == "com.foo.BarTest.works"


def test_type_and_message_are_parted() -> None:
    cases = """<testcase classname="t" name="a"><failure type="java.lang.Error"
        message="java.lang.Error: no&#10;more"/></testcase>"""
    (result,) = only(cases, suite="t").failed
    assert (result.exception, result.message) == ("java.lang.Error", "no")


def test_call_and_teardown_of_one_test_are_one_failure() -> None:
    cases = """<testcase classname="t" name="a"><failure message="assert 1 == 2"/>
</testcase><testcase classname="t" name="a">
<error message='failed on teardown with "OSError: x"'/></testcase>"""
    (result,) = only(cases).failed
    assert (result.outcome, result.message) == ("failed", "assert 1 == 2")
    assert (result.line, result.attempts) == (1, ())


def test_reruns_that_passed_are_flaky_evidence() -> None:
    cases = '<testcase classname="t" name="a"><flakyFailure message="no"/></testcase>'
    session = only(cases)
    assert session.failed[0].attempts == ("rerun", "passed")
    assert session.failed[0].outcome == "rerun"
    assert session.passed == {"t.py::a"}


def test_reruns_that_failed_keep_their_attempts() -> None:
    cases = """<testcase classname="t" name="a"><failure message="no"/>
<rerunFailure message="no"/></testcase>"""
    assert only(cases).failed[0].attempts == ("rerun", "failed")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(report("")[:-5], id="cut off"),
        pytest.param(b"<html></html>", id="another format"),
        pytest.param(b"\x00\xff\xfe", id="binary"),
        pytest.param(
            b'<?xml version="1.0" encoding="nope"?><testsuite/>', id="encoding"
        ),
        pytest.param(
            b'<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
            b"<testsuite>&b;</testsuite>",
            id="entities",
        ),
        pytest.param(
            b'<!DOCTYPE t [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            b"<testsuite>&a;</testsuite>",
            id="foreign entity",
        ),
    ],
)
def test_what_is_no_report_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed, match="not a JUnit XML report"):
        parse_junit(data)


def test_control_characters_that_xml_forbids_are_survived() -> None:
    cases = (
        '<testcase classname="t" name="a"><failure message="\x1b[31mno"/></testcase>'
    )
    assert only(cases).failed[0].message == "[31mno"


def test_suites_within_suites_are_all_read() -> None:
    inner = report('<testcase classname="t" name="a"><failure/></testcase>').decode()
    outer = f"<testsuites><testsuite name='x'>{inner}</testsuite></testsuites>".encode()
    assert [len(session.failed) for session in parse_junit(outer)] == [1]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    for raw in (data, report(data.decode("latin-1"))):
        try:
            sessions = parse_junit(raw)
        except Malformed:
            continue
        assert all(session.line_start >= 1 for session in sessions)


def test_every_case_is_told_with_its_time() -> None:
    raw = report(
        '<testcase classname="test_a" name="test_good" time="1,000.5"/>'
        '<testcase classname="test_a" name="test_bad" time="1,25">'
        '<failure message="assert 1 == 2">the traceback</failure></testcase>'
        '<testcase classname="test_a" name="test_later" time="soon"><skipped/>'
        "</testcase>"
    )
    (suite,) = junit_suites(raw)
    told = {case.test_id: (case.outcome, case.duration_s) for case in suite.cases}
    assert told == {
        "test_a.py::test_good": ("passed", 1000.5),
        "test_a.py::test_bad": ("failed", 1.25),
        "test_a.py::test_later": ("skipped", None),
    }
    (bad,) = (case for case in suite.cases if case.result)
    assert bad.detail == "the traceback"


def test_a_test_that_is_told_twice_took_both_times() -> None:
    raw = report(
        '<testcase classname="test_a" name="test_x" time="1"/>'
        '<testcase classname="test_a" name="test_x" time="2">'
        '<error message="failed on teardown with &quot;Boom&quot;"/></testcase>'
    )
    (suite,) = junit_suites(raw)
    (case,) = suite.cases
    assert (case.outcome, case.duration_s) == ("error", 3.0)


def test_a_missing_fixture_is_said_and_not_where_it_is_missing() -> None:
    session = only(
        '<testcase classname="test_a" name="test_x">'
        '<error message="failed on setup with &quot;file /a/test_a.py, line 5&quot;">'
        "file /a/test_a.py, line 5\n  def test_x(thing): pass\n"
        "E       fixture 'thing' not found</error></testcase>"
    )
    assert session.failed[0].message == "fixture 'thing' not found"


@pytest.mark.parametrize("said", ["", "nan", "inf", "-1", "1e999", "a"])
def test_a_time_that_is_none_is_unknown(said: str) -> None:
    raw = report(f'<testcase classname="test_a" name="test_x" time="{said}"/>')
    (suite,) = junit_suites(raw)
    assert suite.cases[0].duration_s is None
