"""What probes are told."""

from __future__ import annotations

import httpx2

from sickbay.server.bind import listening
from sickbay.server.health import Health
from sickbay.server.http import HttpOptions, http_app
from tests.server.stand import HANDSHAKE, MODERN, client, running, whoami


def test_probes_follow_the_server_from_start_to_end() -> None:
    health = Health(toolsets=lambda: {"logs": "ready", "hud": "no answer"})
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        app = http_app(whoami(), HttpOptions(port=port), health=health)
        assert not health.ready
        with running(app, listener):
            ready = httpx2.get(f"{url}/readyz")
            assert ready.status_code == 200
            assert ready.json() == {
                "status": "ready",
                "toolsets": {"logs": "ready", "hud": "no answer"},
            }
            speakers = [client(url, era) for era in (None, HANDSHAKE, MODERN)]
            health.draining = True
            assert httpx2.get(f"{url}/readyz").json()["status"] == "draining"
            assert httpx2.get(f"{url}/readyz").status_code == 503
            assert httpx2.get(f"{url}/healthz").status_code == 200
            for speaker in speakers:
                refused = speaker.ask("tools/list")
                assert refused.status_code == 503
                assert refused.headers["retry-after"] == "1"
                assert "shutting down" in refused.json()["error"]["message"]
        assert not health.ready
        assert health.calls == 0
