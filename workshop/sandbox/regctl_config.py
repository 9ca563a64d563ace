"""Where regctl finds the registries that the sandbox stands in for: all behind its one server, each by its own name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from workshop.model.images.sources import registry_host, sources
from workshop.model.settings.stack import Settings
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths

_CHUNK_BYTES: Final = 4 * 1024 * 1024
"""Less than the server takes in one request (workshop/sandbox/servers/listener.py)."""


def write_regctl_config(paths: SandboxPaths, settings: Settings) -> Path:
    """Writes the file for REGCTL_CONFIG, with every registry that the settings name, and answers where it is."""
    published = [source.image.source.partition("/")[0] for source in sources(settings)]
    own = [registry_host(settings.account or "", region.name) for region in settings.regions]
    hosts: dict[str, Json] = {
        host: {
            "tls": "disabled",
            "hostname": f"127.0.0.1:{paths.port}",
            "pathPrefix": host,
            "user": "sandbox",
            "pass": token_of(paths),
            "blobMax": _CHUNK_BYTES,
            "blobChunk": _CHUNK_BYTES,
        }
        for host in (*published, *own)
    }
    write_private(paths.regctl_config, json.dumps({"hosts": hosts}, indent=1))
    return paths.regctl_config
