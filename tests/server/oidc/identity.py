"""A real OpenID provider in a process of its own, and its keys in ours."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).with_name("provider.mjs")
MODULES = Path(__file__).parents[3] / "node_modules"
PASSWORD = "no-secret-only-for-tests-on-loopback"  # noqa: S105 - see its text
PLAIN, CURVE = "plain", "curve"


@dataclass(frozen=True)
class Identity:
    """Two issuers that sign with the same keys."""

    issuer: str
    other: str
    rsa: RSAKey
    curve: ECKey

    def token(
        self,
        resource: str,
        scope: str = "read",
        *,
        client: str = PLAIN,
        issuer: str | None = None,
    ) -> str:
        """Ask a provider for a token."""
        answer = httpx2.post(
            f"{issuer or self.issuer}/token",
            data={
                "grant_type": "client_credentials",
                "scope": scope,
                "resource": resource,
            },
            auth=(client, PASSWORD),
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def signed(self, resource: str, **changes: Any) -> str:  # noqa: ANN401 - claims
        """A token with the provider's own signature, though it never said that."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": resource,
            "sub": "mallory",
            "scope": "write",
            "iat": now,
            "exp": now + 600,
        } | changes
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "rsa"}, kept, self.rsa)


@contextmanager
def identity() -> Iterator[Identity]:
    """The provider, until the end of the block."""
    node = shutil.which("node", path=MODULES / ".bin") or shutil.which("node")
    if node is None or not (MODULES / "oidc-provider").is_dir():
        pytest.skip("needs oidc-provider: npm install")
    rsa = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": "rsa"})
    curve = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": "ec"})
    keys = [key.as_dict(private=True) for key in (rsa, curve)]
    clients = [[name, PASSWORD] for name in (PLAIN, CURVE)]
    process = subprocess.Popen(
        [node, str(PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # warns that it keeps all in memory
        text=True,
    )
    with process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(
                json.dumps({"jwks": {"keys": keys}, "clients": clients})
            )
            process.stdin.close()
            issuer, other = json.loads(process.stdout.readline())
            yield Identity(issuer, other, rsa, curve)
        finally:
            process.kill()
