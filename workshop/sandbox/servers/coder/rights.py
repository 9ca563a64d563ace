"""Who calls, and what roles let them do, as far as a workshop's calls need it (coder/coder, coderd/rbac/roles.go)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workshop.sandbox.servers.coder.state import User

SITE_ROLES: Final = {
    "owner": "Owner",
    "template-admin": "Template Admin",
    "user-admin": "User Admin",
    "auditor": "Auditor",
}
"""Names as they are shown."""

BAN: Final = "organization-workspace-creation-ban"
ORGANIZATION_ROLES: Final = {
    "organization-admin": "Organization Admin",
    "organization-auditor": "Organization Auditor",
    "organization-template-admin": "Organization Template Admin",
    "organization-user-admin": "Organization User Admin",
    BAN: "Organization Workspace Creation Ban",
}
"""Names as they are shown."""

_SITE: Final = {
    "template-admin": {
        ("template", "*"),
        ("file", "*"),
        ("workspace", "read"),
        ("user", "read"),
        ("organization", "read"),
        ("organization_member", "read"),
    },
    "user-admin": {
        ("user", "*"),
        ("organization", "read"),
        ("organization_member", "*"),
        ("assign_role", "*"),
        ("assign_org_role", "read"),
    },
    "auditor": {("user", "read"), ("template", "read"), ("organization", "read"), ("organization_member", "read")},
}
"""What a role of the site allows everywhere: resource and action; `*` is every action. An owner may do everything."""

_ORGANIZATION: Final = {
    "organization-template-admin": {
        ("template", "*"),
        ("file", "*"),
        ("workspace", "read"),
        ("organization_member", "read"),
        ("provisioner_daemon", "*"),
        ("provisioner_jobs", "*"),
    },
    "organization-user-admin": {("organization_member", "*"), ("assign_org_role", "*"), ("provisioner_jobs", "read")},
    "organization-auditor": {("organization_member", "read"), ("template", "read")},
}
"""What a role of an organization allows in it. Its admin may do everything there, and see every user."""

_BANNED: Final = {("workspace", "create"), ("workspace", "delete")}
"""What the ban takes from whoever has it, whatever other roles of the organization say; not from a site owner."""

_MEMBER: Final = {
    ("template", "read"),
    ("template", "use"),
    ("organization", "read"),
    ("provisioner_daemon", "read"),
}
"""What any member may do in an organization."""

_OWN: Final = {"workspace", "user", "api_key", "organization_member"}
"""What a person may do everything with that is their own."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose request it is, by which key. is_for_apps: the key is for workspaces' apps only, and sees nothing else."""

    user: User
    key_id: str = ""
    is_for_apps: bool = False

    def may(self, action: str, resource: str, organization: str | None = None, owner_id: str = "") -> bool:
        """Whether they may do it with such a thing, of an organization (by name) and of somebody."""
        if self.is_for_apps:
            return False
        if "owner" in self.user.roles:
            return True
        roles = self.user.members.get(organization, ()) if organization is not None else ()
        if BAN in roles and (resource, action) in _BANNED:
            return False
        if any(_allows(_SITE.get(role, set()), resource, action) for role in self.user.roles):
            return True
        if "organization-admin" in roles or any(
            _allows(_ORGANIZATION.get(role, set()), resource, action) for role in roles
        ):
            return True
        if (resource, action) == ("user", "read") and "organization-admin" in self._roles_anywhere():
            return True
        is_member = organization is None or organization in self.user.members
        if owner_id == self.user.id and resource in _OWN:
            # Of a user, only reading and naming: who may sign in is for others to say.
            return is_member and (resource != "user" or action in ("read", "update_personal"))
        return is_member and (resource, action) in _MEMBER

    def _roles_anywhere(self) -> Iterator[str]:
        for roles in self.user.members.values():
            yield from roles


def _allows(allowed: set[tuple[str, str]], resource: str, action: str) -> bool:
    return (resource, action) in allowed or (resource, "*") in allowed
