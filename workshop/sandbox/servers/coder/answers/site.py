"""What isn't anybody's: builds of Coder, organizations, proxies, provisioners, the licence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Organization
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers.users import ZERO
from workshop.sandbox.servers.coder.answers.workspaces import worker_id, worker_name
from workshop.sandbox.servers.coder.state import Build, Contents, Licence, Workspace, id_of

_PROVISIONER_API: Final = "1.8"
"""Of Coder 2.25."""


def build_info(region: Region, control_plane: Region, contents: Contents) -> Json:
    """What a region's host says of itself."""
    is_proxy = region.role is Role.PROXY
    version = contents.proxies[region.name].version if is_proxy else contents.version
    return {
        "version": version,
        "external_url": f"https://github.com/coder/coder/releases/tag/{version.partition('+')[0]}",
        "dashboard_url": f"https://{control_plane.domain}",
        "workspace_proxy": is_proxy,
        "agent_api_version": "2.0",
        "provisioner_api_version": _PROVISIONER_API,
        "upgrade_message": "",
        "deployment_id": id_of("deployment"),
        "telemetry": False,
        "webpush_public_key": "",
    }


def organization(given: Organization) -> Json:
    """One of /organizations."""
    return {
        "id": id_of("organization", given.name),
        "name": given.name,
        "display_name": given.name,
        "description": "",
        "icon": "",
        "created_at": ZERO,
        "updated_at": ZERO,
        "is_default": given.is_default,
    }


def daemon(
    number: int,
    organization: str,
    region: str,
    version: str,
    current: tuple[Workspace, Build] | None,
    *,
    is_busy: bool,
) -> Json:
    """One of /organizations/ID/provisionerdaemons. current: what it works on; is_busy: also with what isn't kept."""
    name = worker_name(region, number)
    workspace, build = current or (None, None)
    job = {
        "id": id_of("job", build.id if build else name),
        "status": "running",
        "template_name": workspace.template if workspace else "",
        "template_icon": "",
        "template_display_name": "",
    }
    is_busy = is_busy or current is not None
    return {
        "id": worker_id(organization, region, number),
        "organization_id": id_of("organization", organization),
        "key_id": id_of("key", organization, region),
        "created_at": _now(),
        "last_seen_at": _now(),
        "name": name,
        "version": version,
        "api_version": _PROVISIONER_API,
        "provisioners": ["terraform"],
        "tags": {"scope": "organization", "owner": "", "region": region},
        "key_name": region,
        "status": "busy" if is_busy else "idle",
        "current_job": job if is_busy else None,
        "previous_job": None,
    }


def pending_job(organization: str, number: int, waiting: int) -> Json:
    """One of /organizations/ID/provisionerjobs."""
    return {
        "id": id_of("pending", organization, str(number)),
        "created_at": _now(),
        "status": "pending",
        "file_id": id_of("file"),
        "organization_id": id_of("organization", organization),
        "input": {},
        "type": "workspace_build",
        "tags": {"scope": "organization", "owner": ""},
        "queue_position": number + 1,
        "queue_size": waiting,
    }


def entitlements(kept: Licence) -> Json:
    """/entitlements, of the features that this platform uses."""
    return {
        "features": {name: {"entitlement": "entitled", "enabled": True} for name in kept.features},
        "warnings": list(kept.warnings),
        "errors": [],
        "has_license": True,
        "trial": False,
        "require_telemetry": False,
        "refreshed_at": _now(),
    }


def region(of: Region, contents: Contents) -> Json:
    """One of /regions."""
    fields = ("id", "name", "display_name", "icon_url", "healthy", "path_app_url", "wildcard_hostname")
    return {field: proxy(of, contents)[field] for field in fields}


def proxy(region: Region, contents: Contents) -> Json:
    """One of /workspaceproxies, among which the server is too."""
    kept, is_server = contents.proxies[region.name], region.role is Role.CONTROL_PLANE
    return {
        "id": id_of("proxy", region.name),
        "name": "primary" if is_server else region.name,
        "display_name": region.name,
        "icon_url": "",
        "healthy": kept.status == "ok",
        "path_app_url": f"https://{region.domain}",
        "wildcard_hostname": f"*.{region.domain}",
        "derp_enabled": True,
        "derp_only": False,
        "deleted": False,
        "version": contents.version if is_server else kept.version,
        "created_at": ZERO,
        "updated_at": ZERO,
        "status": {"status": kept.status, "report": {"errors": [], "warnings": []}, "checked_at": _now()},
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
