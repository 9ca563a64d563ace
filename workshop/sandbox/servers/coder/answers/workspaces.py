"""Workspaces, their builds and agents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers.users import time
from workshop.sandbox.servers.coder.progress import AGENT_TIMEOUT, queue
from workshop.sandbox.servers.coder.state import Build, Contents, Workspace, id_of

SMOKE_APP: Final = "smoke"
"""The one app that every workspace has."""

AGENT: Final = "main"
"""The one agent that every workspace has."""

NIL: Final = "00000000-0000-0000-0000-000000000000"

_STATUS: Final = {
    ("start", "running"): "starting",
    ("stop", "running"): "stopping",
    ("delete", "running"): "deleting",
    ("start", "succeeded"): "running",
    ("stop", "succeeded"): "stopped",
    ("delete", "succeeded"): "deleted",
}
STARTUP_OUTPUT: Final = "hello from the startup script"
"""What every agent's startup script says."""

_TIMEOUT_REASON: Final = "agent is taking too long to connect"
_LOST_REASON: Final = "agent has lost connection"


def workspace(given: Workspace, contents: Contents, now: datetime) -> Json:
    """/workspaces/ID."""
    template, owner = contents.templates[given.template], contents.users[given.owner_id]
    agent = agent_status(given.latest, now)
    failing = [id_of("agent", given.latest.id)] if agent in ("timeout", "disconnected") else []
    return {
        "id": given.id,
        "created_at": time(given.created_at),
        "updated_at": time(given.created_at),
        "owner_id": owner.id,
        "owner_name": owner.username,
        "owner_avatar_url": "",
        "organization_id": id_of("organization", template.organization),
        "organization_name": template.organization,
        "template_id": id_of("template", given.template),
        "template_name": given.template,
        "template_display_name": "",
        "template_icon": "",
        "template_allow_user_cancel_workspace_jobs": template.allow_user_cancel,
        "template_active_version_id": version_id(given.template, template.version),
        "template_require_active_version": False,
        "template_use_classic_parameter_flow": False,
        "latest_build": build(given, given.latest, contents, now),
        "latest_app_status": None,
        "outdated": given.latest.version != template.version,
        "name": given.name,
        **({"ttl_ms": given.ttl_ms} if given.ttl_ms else {}),
        "last_used_at": time(given.last_used_at),
        "deleting_at": None,
        "dormant_at": None,
        "health": {"healthy": not failing, "failing_agents": failing},
        "automatic_updates": "never",
        "allow_renames": False,
        "favorite": False,
        "next_start_at": None,
        "is_prebuild": False,
    }


def build(of: Workspace, given: Build, contents: Contents, now: datetime) -> Json:
    """/workspacebuilds/ID. A job's place in the queue stands in lists of jobs, not here."""
    owner, initiator = contents.users[of.owner_id], contents.users[given.initiator_id]
    return {
        "id": given.id,
        "created_at": time(given.created_at),
        "updated_at": time(given.updated_at),
        "workspace_id": of.id,
        "workspace_name": of.name,
        "workspace_owner_id": owner.id,
        "workspace_owner_name": owner.username,
        "template_version_id": version_id(of.template, given.version),
        "template_version_name": given.version,
        "build_number": given.number,
        "transition": given.transition,
        "initiator_id": initiator.id,
        "initiator_name": initiator.username,
        "job": job(of, given, contents),
        "reason": given.reason,
        "resources": [_resource(of, given, contents, now)] if _has_resources(given) else [],
        "deadline": time(given.deadline) if given.deadline else None,
        "max_deadline": None,
        "status": status(given),
        "daily_cost": 0,
        "matched_provisioners": {"count": 0, "available": 0, "most_recently_seen": None},
        "template_version_preset_id": None,
        **({} if given.is_active else {"has_ai_task": False}),
    }


def new_build(given: Mapping[str, Json], provisioners: int) -> Json:
    """A build as it is answered to whoever asks for it: with who could take it."""
    waiting: Json = {**given["job"], "queue_position": 0, "queue_size": 0}
    matched = {"count": provisioners, "available": provisioners, "most_recently_seen": given["created_at"]}
    return {**given, "job": waiting, "template_version_name": "", "matched_provisioners": matched}


def job(of: Workspace, given: Build, contents: Contents, *, in_list: bool = False) -> Json:
    """A build's job; in lists of jobs with its place in the queue, its worker's name and what it is for."""
    template = contents.templates[of.template]
    waiting = queue(contents, template.organization, of.region) if given.is_active else []
    position = next((number for number, (_, each) in enumerate(waiting, 1) if each is given), 0)
    metadata = {
        "template_version_name": given.version if in_list else "",
        "template_id": id_of("template", of.template) if in_list else NIL,
        "template_name": of.template if in_list else "",
        "template_display_name": "",
        "template_icon": "",
        **({"workspace_id": of.id, "workspace_name": of.name} if in_list else {}),
    }
    place: dict[str, Json] = {"queue_position": position, "queue_size": len(waiting)}
    times = {"started_at": given.started_at, "completed_at": given.completed_at, "canceled_at": given.canceled_at}
    return {
        "id": id_of("job", given.id),
        "created_at": time(given.created_at),
        **{name: time(at) for name, at in times.items() if at is not None},
        **({"error": given.error} if given.error else {}),
        "status": given.status,
        **_worker(of, given, template.organization, in_list=in_list),
        "file_id": id_of("file", of.template, given.version),
        "tags": {"scope": "organization", "owner": "", "region": of.region},
        **place,
        "organization_id": id_of("organization", template.organization),
        "input": {"workspace_build_id": given.id},
        "type": "workspace_build",
        "metadata": metadata,
    }


def _worker(of: Workspace, given: Build, organization: str, *, in_list: bool) -> dict[str, Json]:
    if given.worker is None:
        return {}
    name = {"worker_name": worker_name(of.region, given.worker)} if in_list else {}
    return {"worker_id": worker_id(organization, of.region, given.worker), **name}


def status(given: Build) -> str:
    """Of a workspace, by its last build."""
    return _STATUS.get((given.transition, given.status), given.status)


def agent_status(given: Build, now: datetime) -> str:
    """connecting, connected, disconnected or timeout; nothing where there is no agent."""
    if not _has_resources(given) or given.completed_at is None:
        return ""
    if given.agent_lost_at is not None:
        return "disconnected"
    if given.agent_connected_at is not None:
        return "connected"
    return "connecting" if now < given.completed_at + AGENT_TIMEOUT else "timeout"


def agent(of: Workspace, given: Build, contents: Contents, now: datetime) -> Json:
    """/workspaceagents/ID."""
    owner, agent_id, state = contents.users[of.owner_id], id_of("agent", given.id), agent_status(given, now)
    source = id_of("log source", given.id)
    app: Json = {
        "id": id_of("app", of.id),
        "url": "http://127.0.0.1:8080",
        "external": False,
        "slug": SMOKE_APP,
        "display_name": "Smoke",
        "subdomain": True,
        "subdomain_name": f"{SMOKE_APP}--{AGENT}--{of.name}--{owner.username}",
        "sharing_level": "owner",
        "healthcheck": {"url": "", "interval": 0, "threshold": 0},
        "health": "disabled",
        "hidden": False,
        "open_in": "slim-window",
        "statuses": [],
    }
    made_at, seen_at = time(given.completed_at), given.agent_connected_at
    last_at = given.agent_lost_at or now
    seen = {
        "first_connected_at": time(seen_at),
        "last_connected_at": time(last_at),
        **({"disconnected_at": time(given.agent_lost_at)} if given.agent_lost_at else {}),
        "started_at": time(seen_at),
        "ready_at": time(seen_at),
    }
    reason = {"timeout": _TIMEOUT_REASON, "disconnected": _LOST_REASON}.get(state)
    return {
        "id": agent_id,
        "parent_id": None,
        "created_at": made_at,
        "updated_at": time(seen_at) if seen_at else made_at,
        **(seen if seen_at else {}),
        "status": state,
        "lifecycle_state": "ready" if seen_at else "created",
        "name": AGENT,
        "resource_id": id_of("resource", given.id),
        "architecture": "amd64",
        "environment_variables": None,
        "operating_system": "linux",
        "logs_length": len(STARTUP_OUTPUT) if seen_at else 0,
        "logs_overflowed": False,
        "version": contents.version.partition("+")[0] if seen_at else "",
        "api_version": "2.6" if seen_at else "",
        "apps": [app],
        **({"latency": {"Coder Embedded Relay": {"preferred": True, "latency_ms": 30.0}}} if seen_at else {}),
        "connection_timeout_seconds": int(AGENT_TIMEOUT.total_seconds()),
        "troubleshooting_url": "https://coder.com/docs/admin/templates/troubleshooting",
        "subsystems": [],
        "health": {"healthy": reason is None, **({"reason": reason} if reason else {})},
        "display_apps": ["vscode", "ssh_helper", "port_forwarding_helper", "web_terminal"],
        "log_sources": [
            {
                "workspace_agent_id": agent_id,
                "id": source,
                "created_at": made_at,
                "display_name": "Startup Script",
                "icon": "",
            }
        ],
        "scripts": [],
        "startup_script_behavior": "non-blocking",
    }


def version_id(template: str, version: str) -> str:
    """Of a template's version, by their names."""
    return id_of("template version", template, version)


def worker_name(region: str, number: int) -> str:
    """Of a provisioner's pod."""
    return f"coder-provisioner-{region}-{number}"


def worker_id(organization: str, region: str, number: int) -> str:
    """Of a provisioner daemon."""
    return id_of("daemon", organization, worker_name(region, number))


def _has_resources(given: Build) -> bool:
    return (given.transition, given.status) == ("start", "succeeded")


def _resource(of: Workspace, given: Build, contents: Contents, now: datetime) -> Json:
    return {
        "id": id_of("resource", given.id),
        "created_at": time(given.completed_at),
        "job_id": id_of("job", given.id),
        "workspace_transition": given.transition,
        "type": "kubernetes_deployment",
        "name": "main",
        "hide": False,
        "icon": "",
        "agents": [agent(of, given, contents, now)],
        "metadata": [],
        "daily_cost": 0,
    }
