from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sickbay.clients.buildkite import AsyncBuildkiteClient
from sickbay.clients.buildkite.places import Api
from sickbay.core.errors import BadRequest, Denied, NotFound
from tests.clients.buildkite.desk import REF, asked, client, nightly

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clients.site import Site as Written
    from tests.simulators.buildkite import Site


@pytest.mark.parametrize("url", ["http://api.example.org", "http://93.184.215.14"])
def test_a_token_is_not_sent_unencrypted_over_the_internet(url: str) -> None:
    with pytest.raises(Denied, match="not sent without encryption"):
        AsyncBuildkiteClient(url, token="t")  # noqa: S106 - of a test
    AsyncBuildkiteClient(url)


@pytest.mark.parametrize("url", ["buildkite", "ftp://a.b", "http://x@a.b", "http://"])
def test_what_is_no_address_is_told_at_once(url: str) -> None:
    with pytest.raises(BadRequest, match="is no URL of Buildkite"):
        AsyncBuildkiteClient(url)


def test_a_wrong_token_is_refused_with_what_to_do_and_is_not_shown(site: Site) -> None:
    ref = nightly(site)
    with pytest.raises(Denied, match="Authentication required") as refused:
        asked(site, lambda buildkite: buildkite.build(ref), token="s3cret")  # noqa: S106 - of a test
    assert "read_builds" in refused.value.hint
    assert "s3cret" not in str(refused.value)


def test_what_buildkite_says_is_shown_on_one_line_without_controls(
    written: Written,
) -> None:
    body = b'{"message": "No\\u001b[31m\\nway\\u202e"}'
    written.says("/v2/organizations/vllm/pipelines/ci/builds/5", body, status=404)
    with pytest.raises(NotFound) as refused:
        asked(written, lambda buildkite: buildkite.build(REF))
    assert refused.value.message == "build vllm/ci/5: No way"


@pytest.mark.parametrize(
    "root", ["http://h:1", "http://h:1/", "http://h:1/v2", "http://h:1/v2/"]
)
def test_the_version_of_the_api_may_be_part_of_its_address(root: str) -> None:
    assert Api(root).base == "http://h:1/v2"
    assert Api(root).below == "h:1/v2"


def test_an_api_of_one_s_own_is_asked_without_a_token_too(written: Written) -> None:
    url = "https://buildkite.com"
    written.says("/v2/organizations/vllm/pipelines/ci/builds/5", b'{"jobs": []}')
    asked(written, lambda b: b.build(REF), token=None, web_url=url)
    assert [fields.get("Authorization") for _, fields in written.asked] == [None]


def test_a_login_is_for_the_real_buildkite_alone(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bk.yaml").write_text("organizations: {vllm: {api_token: s3cret}}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    ref = nightly(site)
    asked(site, lambda buildkite: buildkite.build(ref), token=None, log_in=True)
    assert not any("authorization" in one.headers for one in site.asked)


def test_a_client_can_be_made_where_no_loop_runs(site: Site) -> None:
    assert client(site).requests == 0
    assert client(site).limits == {}


def test_the_manifest_and_the_references_bring_no_http_along() -> None:
    names = "sickbay.toolsets.buildkite.manifest, sickbay.ci.references"
    code = f"import sys, {names}; print('httpx2' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "False"
