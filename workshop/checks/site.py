"""What is checked: one stack's settings and plan, and how each of its systems is reached."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from workshop.checks.service import TIMEOUT_SECONDS, Inconclusive, Service
from workshop.dns.questions import Server
from workshop.model.outcome import Outcome
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import SettingPath, key_of, set_command
from workshop.model.settings.stack import Settings


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where people's browsers get to, whatever the host: "" is the host itself. authority: as in Service."""

    address: str = ""
    port: int = 443
    authority: str = ""


@dataclass(frozen=True, kw_only=True)
class Systems:
    """How each system is reached; None where nothing says where it is.

    published: the registry of an image such as ghcr.io/coder/coder-preview, and its name there. name_servers: whom
    to ask about a zone; may raise Inconclusive.
    """

    coder: Service
    cloudflare: Service
    published: Callable[[str], tuple[Service, str]]
    litellm: Service | None
    prometheus: Service | None
    alertmanager: Service | None
    name_servers: Callable[[str], tuple[Server, ...]]
    door: Door = Door()


@dataclass(frozen=True, kw_only=True)
class Site:
    """One stack. plan: what is declared while the event runs. now: when the run began.

    preview: runs the program and its policies, changing nothing; it is asked once, whoever asks first.
    """

    stack: str
    settings: Settings
    plan: Plan
    now: datetime
    systems: Systems
    run_preview: Callable[[], Outcome]
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _previewed: list[Outcome] = field(default_factory=list[Outcome], repr=False)

    @property
    def litellm(self) -> Service:
        """Raises Inconclusive where its URL is not set."""
        return _set(self.systems.litellm, ("rotation", "litellm_url"))

    @property
    def prometheus(self) -> Service:
        """Raises Inconclusive where its URL is not set."""
        return _set(self.systems.prometheus, ("preflight", "prometheus_url"))

    @property
    def alertmanager(self) -> Service:
        """Raises Inconclusive where its URL is not set."""
        return _set(self.systems.alertmanager, ("preflight", "alertmanager_url"))

    def knock(self, host: str, path: str, *, with_session: bool = False) -> httpx.Response:
        """What a host answers to a browser, with Coder's session or without. Raises Inconclusive where none comes."""
        door = self.systems.door
        connects_to = door.address or host
        session = {self.systems.coder.header: self.systems.coder.token}
        try:
            with httpx.Client(verify=ssl.create_default_context(cafile=door.authority or None)) as client:
                return client.get(
                    f"https://{connects_to}:{door.port}/{path}",
                    headers={"Host": host, **(session if with_session else {})},
                    extensions={"sni_hostname": host},
                    timeout=TIMEOUT_SECONDS,
                )
        except httpx.TimeoutException:
            raise Inconclusive(
                f"{host} did not answer within {TIMEOUT_SECONDS:g} s", "see the region's balancer"
            ) from None
        except (httpx.HTTPError, OSError) as error:
            raise Inconclusive(
                f"{host} can't be reached: {str(error) or type(error).__name__}", "see tls-lifetime"
            ) from None

    def preview(self) -> Outcome:
        """What `up` would do. Raises Inconclusive where the preview failed."""
        with self._lock:
            if not self._previewed:
                self._previewed.append(self.run_preview())
            outcome = self._previewed[0]
        if outcome.error is not None:
            raise Inconclusive(f"the preview failed: {outcome.error}", f"pulumi preview --stack {self.stack}")
        return outcome


def _set(service: Service | None, path: SettingPath) -> Service:
    if service is None:
        raise Inconclusive(f"{key_of(path)} is not set", set_command(path, "URL"))
    return service
