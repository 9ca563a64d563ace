"""Templates, their versions and parameters."""

from __future__ import annotations

import io
import tarfile
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers.users import ZERO
from workshop.sandbox.servers.coder.answers.workspaces import NIL, version_id
from workshop.sandbox.servers.coder.state import ENGINEER, Parameter, Template, id_of

_WEEK: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_NO_TIMES: Final = {"P50": None, "P95": None}
_FORMS: Final = {"string": "input", "number": "input", "bool": "checkbox"}


def template(name: str, kept: Template) -> Json:
    """One of /templates."""
    return {
        "id": id_of("template", name),
        "created_at": ZERO,
        "updated_at": ZERO,
        "organization_id": id_of("organization", kept.organization),
        "organization_name": kept.organization,
        "organization_display_name": kept.organization,
        "organization_icon": "",
        "name": name,
        "display_name": "",
        "provisioner": "terraform",
        "active_version_id": version_id(name, kept.version),
        "active_user_count": 0,
        "build_time_stats": {"delete": _NO_TIMES, "start": _NO_TIMES, "stop": _NO_TIMES},
        "description": "",
        "deprecated": False,
        "deprecation_message": "",
        "icon": "",
        "default_ttl_ms": kept.default_ttl_ms,
        "activity_bump_ms": kept.activity_bump_ms,
        "autostop_requirement": {"days_of_week": list(kept.autostop_days), "weeks": 1},
        "autostart_requirement": {"days_of_week": _WEEK},
        "created_by_id": id_of("user", ENGINEER),
        "created_by_name": ENGINEER,
        "allow_user_autostart": True,
        "allow_user_autostop": True,
        "allow_user_cancel_workspace_jobs": kept.allow_user_cancel,
        "failure_ttl_ms": 0,
        "time_til_dormant_ms": kept.time_til_dormant_ms,
        "time_til_dormant_autodelete_ms": 0,
        "require_active_version": False,
        "max_port_share_level": "public",
        "use_classic_parameter_flow": False,
    }


def version(name: str, kept: Template) -> Json:
    """A template's active version, imported once and for all."""
    found = version_id(name, kept.version)
    return {
        "id": found,
        "template_id": id_of("template", name),
        "organization_id": id_of("organization", kept.organization),
        "created_at": ZERO,
        "updated_at": ZERO,
        "name": kept.version,
        "message": "",
        "job": {
            "id": id_of("job", found),
            "created_at": ZERO,
            "started_at": ZERO,
            "completed_at": ZERO,
            "status": "succeeded",
            "worker_id": id_of("daemon", kept.organization, "import"),
            "file_id": file_id(name, kept),
            "tags": {"scope": "organization", "owner": ""},
            "queue_position": 0,
            "queue_size": 0,
            "organization_id": id_of("organization", kept.organization),
            "input": {"template_version_id": found},
            "type": "template_version_import",
            "metadata": {
                "template_version_name": "",
                "template_id": NIL,
                "template_name": "",
                "template_display_name": "",
                "template_icon": "",
            },
        },
        "readme": "",
        "created_by": {"id": id_of("user", ENGINEER), "username": ENGINEER},
        "archived": False,
    }


def file_id(name: str, kept: Template) -> str:
    """Of the archive of a template's active version."""
    return id_of("file", name, kept.version)


def archive(kept: Template) -> bytes:
    """The tar archive of a template's Terraform."""
    written, content = io.BytesIO(), kept.terraform.encode()
    with tarfile.open(fileobj=written, mode="w") as files:
        main = tarfile.TarInfo("main.tf")
        main.size = len(content)
        files.addfile(main, io.BytesIO(content))
    return written.getvalue()


def variable(name: str, value: str) -> Json:
    """One of /templateversions/ID/variables."""
    return {
        "name": name,
        "description": "",
        "type": "string",
        "value": value,
        "default_value": "",
        "required": False,
        "sensitive": False,
    }


def parameter(given: Parameter) -> Json:
    """One of /templateversions/ID/rich-parameters."""
    limits = {"validation_min": given.minimum, "validation_max": given.maximum}
    return {
        "name": given.name,
        "display_name": given.name,
        "description": "",
        "description_plaintext": "",
        "type": given.type,
        "form_type": "radio" if given.options else _FORMS[given.type],
        "mutable": given.mutable,
        "default_value": given.default or "",
        "icon": "",
        "options": [{"name": one, "description": "", "value": one, "icon": ""} for one in given.options],
        **{name: limit for name, limit in limits.items() if limit is not None},
        "required": given.default is None,
        "ephemeral": given.ephemeral,
    }
