from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sickbay.clients.buildkite.models import Annotation
from sickbay.toolsets.buildkite.analysis.annotation import (
    MOST,
    SHOWN,
    annotation_rows,
    plain,
)


def annotation(style: str, html: str = "", priority: int | None = None) -> Annotation:
    return Annotation(
        annotation_id="1", context=style, style=style, html=html, priority=priority
    )


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("just text", "just text", id="no markup"),
        pytest.param(
            "<h2>2 failed</h2><p>see  below</p>", "2 failed\nsee below", id="p"
        ),
        pytest.param("<ul><li>a</li><li>b</li></ul>", "a\nb", id="list"),
        pytest.param(
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a b\nc",
            id="table",
        ),
        pytest.param("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c", id="entities"),
        pytest.param("<img alt=':x:' src='a.png'> no", ":x: no", id="picture"),
        pytest.param(
            '<a href="https://b.example/1">job</a>!',
            "job (https://b.example/1)!",
            id="link",
        ),
        pytest.param(
            '<a href="https://b.example">https://b.example</a>',
            "https://b.example",
            id="link that says itself",
        ),
        pytest.param('<a href="javascript:alert(1)">job</a>', "job", id="script link"),
        pytest.param('<a href="data:text/html,x">job</a>', "job", id="data link"),
        pytest.param("a<script>alert(1)</script>b", "ab", id="script"),
        pytest.param("a<style>p {}</style>b", "ab", id="style"),
        pytest.param("<b>open", "open", id="never closed"),
        pytest.param("</p></script>text", "text", id="never opened"),
        pytest.param("<!-- hidden -->text", "text", id="comment"),
    ],
)
def test_annotation_is_read_as_a_person_sees_it(html: str, text: str) -> None:
    assert plain(html) == text


def test_errors_and_warnings_come_first_and_the_important_before_others() -> None:
    found = [
        annotation("success"),
        annotation("info", priority=3),
        annotation("info", priority=9),
        annotation("warning"),
        annotation("strange"),
        annotation("error"),
    ]
    rows = annotation_rows(found)
    assert [row.style for row in rows] == [
        "error",
        "warning",
        "info",
        "info",
        "success",
        "strange",
    ]
    assert [row.priority for row in rows[2:4]] == [9, 3]


def test_annotation_of_a_megabyte_is_cut_and_says_by_how_much() -> None:
    (row,) = annotation_rows([annotation("info", "<p>" + "x" * 1_000_000)])
    assert len(row.text) == SHOWN
    assert row.left_out == 1_000_000 + 3 - SHOWN - 3


@pytest.mark.parametrize("part", ["<", "<!--", "<a ", "&", "<![CDATA[", "</", "<p "])
def test_attack_html_of_one_sign_many_times_takes_no_longer(part: str) -> None:
    assert len(plain(part * (MOST // len(part)))) <= MOST


@given(st.text(st.sampled_from("<>/ap&;=\"'! -scrit\n"), max_size=200))
def test_any_html_is_read_without_a_complaint(html: str) -> None:
    assert "\n\n" not in plain(html)
