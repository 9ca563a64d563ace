"""Where the sandbox's systems are: all of them behind its one server, but for the door with TLS."""

from __future__ import annotations

import base64

from workshop.checks.service import Service
from workshop.checks.site import Door, Systems
from workshop.cli.sandbox_config import config_for_server
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.dns.questions import Server
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.stack import Settings
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.isolation import isolate
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.front_door import authority_file, door_port
from workshop.sandbox.servers.kubernetes.stores import store_of


def sandbox_settings(stack: Stack, screen: Screen) -> Settings:
    """The settings as the sandbox's program gets them. Starts the server, and keeps this process to the machine."""
    paths = SandboxPaths.from_environment()
    isolate(stack.name, paths)
    ensure_running(paths, lambda what: screen.notes.print(f"{what} ..."))
    return settings_from_config(config_for_server(stack.config))


def sandbox_systems(settings: Settings) -> Systems:
    """Every system of the sandbox."""
    paths = SandboxPaths.from_environment()
    own, token = f"http://127.0.0.1:{paths.port}", token_of(paths)

    def service(name: str, path: str) -> Service:
        return Service(name=name, url=f"{own}/{path}".rstrip("/"), header="Authorization", token=f"Bearer {token}")

    def name_servers(_zone: str) -> tuple[Server, ...]:
        return tuple(
            Server(address="127.0.0.1", port=paths.port, is_authority=is_authority) for is_authority in (True, False)
        )

    return Systems(
        coder=Service(
            name="Coder",
            url=f"{own}/coder",
            header="Coder-Session-Token",
            token=token,
            if_refused="scripts/workshop sandbox stop: the next command starts a server that takes the token",
        ),
        cloudflare=service("Cloudflare", "client/v4"),
        published=lambda image: (service("the image's registry", ""), image),
        litellm=Service(
            name="LiteLLM",
            url=f"{own}/litellm",
            header="Authorization",
            token=_workspaces_key(settings, paths),
            if_refused="scripts/workshop up in the window issues a key",
        ),
        prometheus=service("Prometheus", "prometheus"),
        alertmanager=service("Alertmanager", "alertmanager"),
        name_servers=name_servers,
        door=Door(address="127.0.0.1", port=door_port(paths), authority=str(authority_file(paths))),
    )


def _workspaces_key(settings: Settings, paths: SandboxPaths) -> str:
    """As a header's value; "" where the first region's Secret holds none."""
    store = store_of(paths, settings.regions[0].cluster.context or "")
    found = store.get(kind_of("v1", "Secret"), settings.organizations[0].namespace, settings.rotation.secret)
    encoded = (found or {}).get("data", {}).get(settings.rotation.secret_key, "")
    return f"Bearer {base64.b64decode(encoded).decode()}" if encoded else ""
