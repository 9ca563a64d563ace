"""How the systems of a stack are reached: from its settings, and tokens in the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dns.exception import DNSException

from workshop.checks.service import Inconclusive, Service
from workshop.checks.site import Systems
from workshop.dns.existing import CLOUDFLARE
from workshop.dns.questions import PUBLIC_RESOLVERS, Server, authorities
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Settings

CODER_TOKEN = "CODER_SESSION_TOKEN"  # noqa: S105 -- the name of a variable
LITELLM_KEY = "LITELLM_API_KEY"
CLOUDFLARE_TOKEN = "CLOUDFLARE_API_TOKEN"  # noqa: S105 -- the name of a variable


def systems_of(settings: Settings, environment: Mapping[str, str]) -> Systems:
    """The real ones; a system that no setting names is None."""
    preflight, given = settings.preflight, environment.get
    host = next(region.domain for region in settings.regions if region.role is Role.CONTROL_PLANE)
    return Systems(
        coder=Service(
            name="Coder",
            url=f"https://{host}",
            header="Coder-Session-Token",
            token=given(CODER_TOKEN, ""),
            if_refused=f"export {CODER_TOKEN}, of a user who may read templates and provisioners",
        ),
        cloudflare=Service(
            name="Cloudflare",
            url=CLOUDFLARE,
            header="Authorization",
            token=_bearer(given(CLOUDFLARE_TOKEN, "")),
            if_refused=f"export {CLOUDFLARE_TOKEN}, with Zone.Zone read",
        ),
        published=_published,
        litellm=_optional(
            settings.litellm_url,
            lambda url: Service(
                name="LiteLLM",
                url=url,
                header="Authorization",
                token=_bearer(given(LITELLM_KEY, "")),
                if_refused=f"export {LITELLM_KEY}, the key that workspaces use",
            ),
        ),
        prometheus=_optional(preflight.prometheus_url, lambda url: Service(name="Prometheus", url=url)),
        alertmanager=_optional(preflight.alertmanager_url, lambda url: Service(name="Alertmanager", url=url)),
        name_servers=_name_servers,
    )


def _published(image: str) -> tuple[Service, str]:
    host, _, name = image.partition("/")
    registry = Service(name="the image's registry", url=f"https://{host}", if_refused="see whether the image is public")
    return registry, name


def _optional(url: str | None, make: Callable[[str], Service]) -> Service | None:
    return None if url is None else make(url)


def _bearer(token: str) -> str:
    return f"Bearer {token}" if token else ""


def _name_servers(zone: str) -> tuple[Server, ...]:
    try:
        own = authorities(zone)
    except (DNSException, OSError) as error:
        raise Inconclusive(
            f"the name servers of {zone} can't be found: {error}", "check this machine's resolver"
        ) from None
    return (*own, *(Server(address=address) for address in PUBLIC_RESOLVERS))
