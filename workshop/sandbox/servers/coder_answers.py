"""The forms of what Coder answers: coder/coder, coderd/apidoc/swagger.json (docs/preflight.md names the version)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Organization
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder_contents import Contents, Licence, Template, Workspace, id_of

SMOKE_APP: Final = "smoke"
"""The one app that every workspace has."""

_PROVISIONER_API: Final = "1.8"
"""Of Coder 2.25."""

_ZERO: Final = "0001-01-01T00:00:00Z"
"""How Go writes a time that is not set."""


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
        "created_at": _ZERO,
        "updated_at": _ZERO,
        "is_default": given.is_default,
    }


def daemon(name: str, organization: str, region: str, version: str, *, is_busy: bool) -> Json:
    """One of /organizations/ID/provisionerdaemons."""
    job = {
        "id": id_of("job", name),
        "status": "running",
        "template_name": "",
        "template_icon": "",
        "template_display_name": "",
    }
    return {
        "id": id_of("daemon", organization, name),
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
        **({"current_job": job} if is_busy else {}),
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
        "created_at": _ZERO,
        "updated_at": _ZERO,
        "status": {"status": kept.status, "report": {"errors": [], "warnings": []}, "checked_at": _now()},
    }


def template(name: str, kept: Template) -> Json:
    """One of /templates."""
    return {
        "id": id_of("template", name),
        "created_at": _ZERO,
        "updated_at": _ZERO,
        "organization_id": id_of("organization", kept.organization),
        "organization_name": kept.organization,
        "name": name,
        "display_name": "",
        "provisioner": "terraform",
        "deprecated": False,
        "default_ttl_ms": kept.default_ttl_ms,
        "activity_bump_ms": 3_600_000,
        "autostop_requirement": {"days_of_week": list(kept.autostop_days), "weeks": 1},
        "failure_ttl_ms": 0,
        "time_til_dormant_ms": kept.time_til_dormant_ms,
        "time_til_dormant_autodelete_ms": 0,
        "allow_user_autostop": True,
    }


def workspace(workspace_id: str, kept: Workspace) -> Json:
    """/workspaces/ID, with its one app where it runs."""
    app = {
        "id": id_of("app", workspace_id),
        "slug": SMOKE_APP,
        "display_name": SMOKE_APP,
        "subdomain": True,
        "subdomain_name": f"{SMOKE_APP}--{kept.name}--sandbox",
        "health": "disabled",
    }
    agent = {
        "id": id_of("agent", workspace_id),
        "name": "main",
        "status": "connected",
        "lifecycle_state": "ready",
        "apps": [app],
    }
    pod = {"id": id_of("pod", workspace_id), "agents": [agent]}
    return {
        "id": workspace_id,
        "name": kept.name,
        "owner_name": kept.owner,
        "is_prebuild": False,
        "template_name": kept.template,
        "template_id": id_of("template", kept.template),
        "latest_build": {
            "id": id_of("build", workspace_id, kept.status),
            "status": kept.status,
            "deadline": kept.deadline.isoformat() if kept.deadline else _ZERO,
            "transition": "delete" if kept.status == "deleted" else "start",
            "resources": [pod] if kept.status == "running" else [],
        },
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
