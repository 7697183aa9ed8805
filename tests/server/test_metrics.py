"""What Prometheus finds."""

from __future__ import annotations

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from sickbay.server.metrics import Metrics
from tests.server.stand import Client, served


def figures(text: str) -> dict[tuple[str, ...], float]:
    """Each sample under its name and the values of its labels, by their names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_tool_calls_are_counted_by_outcome_and_timed() -> None:
    metrics = Metrics()
    metrics.observe("logs_read", "ok", 0.2)
    metrics.observe("logs_read", "error", 0.7)
    with served(metrics=metrics) as url:
        found = figures(httpx2.get(f"{url}/metrics").text)
    assert found["sickbay_tool_calls_total", "ok", "logs_read"] == 1
    assert found["sickbay_tool_calls_total", "error", "logs_read"] == 1
    assert found["sickbay_tool_seconds_count", "logs_read"] == 2


def test_requests_are_counted_by_few_labels_whatever_comes() -> None:
    with served() as url:
        Client(url).ask("ping")
        Client(url).ask("ping", path="/logs")
        for path in ("/a", "/b", "/mcpx"):
            httpx2.request("BREW", url + path)
        found = figures(httpx2.get(f"{url}/metrics").text)
    total = "sickbay_http_requests_total"
    assert found[total, "POST", "/mcp", "200"] == 2
    assert found[total, "other", "other", "404"] == 3
    assert found["sickbay_http_requests_in_flight",] == 1  # the one that asks
