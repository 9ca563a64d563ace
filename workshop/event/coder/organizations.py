"""Organizations, who is in them with which roles, and what the token may do there."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from workshop.event.coder.answers import Answer
from workshop.event.coder.connection import Connection
from workshop.event.coder.errors import CoderIgnored, CoderRefused
from workshop.event.coder.users import Role

CREATION_BAN: Final = "organization-workspace-creation-ban"
"""May neither create nor delete workspaces; starting and stopping stay (coder/coder, coderd/rbac/roles.go)."""

NEEDED: Final = {
    "create accounts": ("user", "create"),
    "suspend accounts": ("user", "update"),
    "delete accounts": ("user", "delete"),
    "add members": ("organization_member", "create"),
    "give roles": ("assign_org_role", "assign"),
    "read workspaces": ("workspace", "read"),
    "create workspaces": ("workspace", "create"),
    "start workspaces": ("workspace", "start"),
    "stop workspaces": ("workspace", "stop"),
    "extend workspaces": ("workspace", "update"),
    "delete workspaces": ("workspace", "delete"),
    "read provisioners": ("provisioner_daemon", "read"),
    "read their queue": ("provisioner_jobs", "read"),
}
"""What the keeper does: on which kind of resource, by which action (the API's RBACResource and RBACAction)."""

_OF_THE_SITE: Final = frozenset({"user"})


class Organization(Answer):
    """An organization; name: as people know it."""

    id: str
    name: str


class Member(Answer):
    """An account in an organization, with its roles there."""

    organization_id: str
    user_id: str
    username: str
    roles: tuple[Role, ...] = ()

    @property
    def role_names(self) -> tuple[str, ...]:
        """As the API takes them."""
        return tuple(role.name for role in self.roles)


class _Roles(Answer):
    roles: tuple[Role, ...]


class Organizations(Connection):
    """Coder's organizations; one without a licence has one."""

    def organization(self, name: str) -> Organization | None:
        """By name; None if there is none that the token may see."""
        return self._find(Organization, "/organizations/{organization}", name)

    def missing_rights(self, organization_id: str) -> list[str]:
        """What the keeper does and this token may not. An empty list of Coder's means nothing where this has one."""
        checks = {
            name: {
                "object": {"resource_type": kind}
                | ({} if kind in _OF_THE_SITE else {"organization_id": organization_id}),
                "action": action,
            }
            for name, (kind, action) in NEEDED.items()
        }
        may = self._read(dict[str, bool], self._send("POST", "/authcheck", body={"checks": checks}))
        return [name for name in NEEDED if not may.get(name)]

    def members(self, organization_id: str) -> list[Member]:
        """All of an organization's members, in one call: per member there is none."""
        return self._list(Member, "/organizations/{organization}/members", organization_id)

    def add_member(self, organization_id: str, username: str) -> None:
        """See to it that an account is a member."""
        try:
            self._send("POST", "/organizations/{organization}/members/{user}", organization_id, username)
        except CoderRefused as refused:
            if "already an organization member" not in refused.message:
                raise

    def set_member_roles(self, organization_id: str, username: str, roles: Iterable[str]) -> None:
        """Give a member these roles in place of those it has. Not one's own, nor where roles come from an identity
        provider. Raises CoderIgnored if it then has others.
        """
        wanted = sorted(set(roles))
        route = "/organizations/{organization}/members/{user}/roles"
        answer = self._send("PUT", route, organization_id, username, body={"roles": wanted})
        given = sorted(role.name for role in self._read(_Roles, answer).roles)
        if given != wanted:
            raise CoderIgnored(f"Coder was asked for the roles {wanted or 'none'}; it gave {given or 'none'}")

    def ban_creation(self, member: Member) -> tuple[str, ...]:
        """Take from a member, as it was just listed, the right to create and delete workspaces.

        Returns its roles before, for `set_member_roles` to restore.
        """
        before = member.role_names
        if CREATION_BAN not in before:
            self.set_member_roles(member.organization_id, member.user_id, [*before, CREATION_BAN])
        return before

    def lift_ban(self, member: Member) -> None:
        """Give that right back, and leave all other roles."""
        if CREATION_BAN in member.role_names:
            others = [name for name in member.role_names if name != CREATION_BAN]
            self.set_member_roles(member.organization_id, member.user_id, others)

    def entitlements(self) -> frozenset[str]:
        """Features of a licence that are in force; none in the open source build (404) and without a licence (403)."""
        try:
            features = self._get(_Entitlements, "/entitlements").features
        except CoderRefused as refused:
            if refused.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
                return frozenset()
            raise
        return frozenset(name for name, feature in features.items() if feature.is_in_force)


class _Feature(Answer):
    entitlement: str
    enabled: bool

    @property
    def is_in_force(self) -> bool:
        return self.enabled and self.entitlement != "not_entitled"


class _Entitlements(Answer):
    features: dict[str, _Feature]
