"""Which trace a call belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.server.stand import HANDSHAKE, MODERN, client, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

ERAS = [None, HANDSHAKE, MODERN]
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER = "f" * 32
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.fixture(scope="module")
def exporter() -> Iterator[InMemorySpanExporter]:
    """Keeps all spans; a process has one tracer provider, so this one stays."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    trace.set_tracer_provider(provider)
    yield kept
    kept.shutdown()  # the provider would warn of each span from now on


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> InMemorySpanExporter:
    exporter.clear()
    return exporter


def call_span(spans: InMemorySpanExporter) -> ReadableSpan:
    """The span of the one tool call."""
    (found,) = (
        span
        for span in spans.get_finished_spans()
        if (span.attributes or {}).get("mcp.method.name") == "tools/call"
    )
    return found


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    ("headers", "meta"),
    [
        pytest.param({"traceparent": PARENT}, {}, id="header"),
        pytest.param({}, {"traceparent": PARENT}, id="message"),
        pytest.param(
            {"traceparent": PARENT},
            {"traceparent": f"00-{OTHER}-{SPAN}-01"},
            id="header before message",
        ),
    ],
)
def test_call_is_part_of_the_trace_that_its_sender_names(
    spans: InMemorySpanExporter,
    era: str | None,
    headers: dict[str, str],
    meta: dict[str, Any],
) -> None:
    with served() as url:
        speaker = client(url, era)
        speaker.headers |= headers
        params = {"name": "who", "_meta": meta}
        assert speaker.ask("tools/call", params).status_code == 200
    span = call_span(spans)
    assert span.parent
    assert span.context
    assert f"{span.parent.span_id:016x}" == SPAN
    assert f"{span.context.trace_id:032x}" == TRACE


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"traceparent": "00-what-ever-01"}, id="broken"),
    ],
)
def test_call_without_a_trace_begins_its_own(
    spans: InMemorySpanExporter, era: str | None, headers: dict[str, str]
) -> None:
    with served() as url:
        speaker = client(url, era)
        speaker.headers |= headers
        speaker.who()
    assert call_span(spans).parent is None


def test_calls_of_one_session_belong_to_their_own_traces(
    spans: InMemorySpanExporter,
) -> None:
    with served() as url:
        session = client(url, HANDSHAKE, traceparent=f"00-{OTHER}-{SPAN}-01")
        session.headers["traceparent"] = PARENT
        session.who()
    span = call_span(spans)
    assert span.context
    assert f"{span.context.trace_id:032x}" == TRACE


def test_attack_baggage_of_a_stranger_is_neither_carried_nor_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with served() as url:
        speaker = client(url, None, traceparent=PARENT, baggage="a=b," * 3000)
        speaker.who()
    assert not [said for said in caplog.records if "aggage" in said.getMessage()]
