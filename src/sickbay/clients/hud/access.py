"""The two ways into PyTorch HUD, and what it means to be turned away."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from sickbay.clients.hosts import Host, own_host
from sickbay.clients.hud.places import KNOWN
from sickbay.clients.refusal import refusal
from sickbay.core.errors import Denied

if TYPE_CHECKING:
    from sickbay.clients.reply import Reply
    from sickbay.core.errors import SickbayError

BOT_HEADER = "x-hud-internal-bot"

HINT = (
    "set HUD_INTERNAL_BOT_TOKEN, or SICKBAY_HUD__GITHUB_TOKEN to a GitHub token with"
    " write access to pytorch/pytorch (`gh auth token`)"
)
_MITIGATED = "x-vercel-mitigated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What proves who asks: to the HUD and to nobody else.

    The bot's token wins where both are there: it needs no detour.

    Attributes:
        bot_token: Of a bot that HUD knows.
        github_token: Of a person with write access to pytorch/pytorch.
    """

    bot_token: str | None = field(default=None, repr=False)
    github_token: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """They go with every request to HUD's API, and with no other."""
        if self.bot_token:
            return {BOT_HEADER: self.bot_token}
        return (
            {"Authorization": f"Bearer {self.github_token}"}
            if self.github_token
            else {}
        )

    def way(self, url: str) -> str:
        """The URL of the API by which such a caller is let in."""
        if self.github_token and not self.bot_token:
            return url.replace("/api/", "/api/authed/", 1)
        return url

    def refused(self, reply: Reply, said: str = "") -> SickbayError:
        """The error that a refusal stands for.

        Args:
            reply: No success.
            said: What HUD says about it itself.
        """
        if is_challenge(reply):
            host = httpx2.URL(reply.url).host
            return Denied(f"the firewall of {host} lets no program in", hint=HINT)
        error = refusal(reply, credential=bool(self.headers))
        hint = error.hint
        if isinstance(error, Denied):
            hint = self._denied(reply.status)
        return type(error)(
            f"{error.message}: {said}" if said else error.message, hint=hint
        )

    def _denied(self, status: int) -> str:
        if not self.headers:
            return HINT
        if self.bot_token:
            return "it refused the bot token; see HUD_INTERNAL_BOT_TOKEN"
        if status == httpx2.codes.UNAUTHORIZED:
            return "it refused the GitHub token; a fresh one is `gh auth token`"
        return "the GitHub token's owner needs write access to pytorch/pytorch"


def is_challenge(reply: Reply) -> bool:
    """Whether the firewall in front of HUD answered, and not HUD."""
    busy = reply.status == httpx2.codes.TOO_MANY_REQUESTS
    return _MITIGATED in reply.headers or (busy and is_page(reply))


def is_page(reply: Reply) -> bool:
    """Whether it is a web page, whatever it is said to be."""
    return reply.media_type == "text/html" or reply.body[:64].lstrip()[:1] == b"<"


def host_of(address: str, *, secret: bool = False) -> Host:
    """The host of an address that the operator configured; PyTorch's own are public.

    Args:
        address: Of the HUD, of its logs or of its statistics.
        secret: Whether a credential is sent there.

    Raises:
        BadRequest: That is no address.
        Denied: The credential would go over the internet unencrypted.
    """
    host = own_host(address, system="a HUD", secret=secret)
    return Host(host.name, host.port) if address in KNOWN else host
