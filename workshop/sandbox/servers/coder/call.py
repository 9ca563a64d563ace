"""One request, with what its handler needs to answer it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.wrappers import Request

from workshop.model.settings.stack import Settings
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.progress import Clusters
from workshop.sandbox.servers.coder.refusals import Refusal, hidden, invalid_json, unknown_user
from workshop.sandbox.servers.coder.rights import Caller
from workshop.sandbox.servers.coder.state import Build, Contents, User, Workspace, id_of

T = TypeVar("T", bound="Body")


class Body(BaseModel):
    """A request's body: Coder ignores what it doesn't know."""

    model_config = ConfigDict(frozen=True, strict=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A body that isn't answered with 200, or, as bytes, isn't JSON."""

    status: int
    body: Json = None
    content_type: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request of a known caller. now: by Coder's clock."""

    request: Request
    caller: Caller
    contents: Contents
    now: datetime
    settings: Settings
    clusters: Clusters

    @property
    def query(self) -> Mapping[str, str]:
        """Each parameter's first value."""
        return self.request.args

    def body(self, model: type[T]) -> T:
        """What was sent. Raises Refusal where it can't be read."""
        text = self.request.get_data()
        if not text.strip():
            raise invalid_json("EOF")
        try:
            return model.model_validate_json(text)
        except ValidationError as error:
            raise invalid_json(str(error.errors()[0]["msg"])) from None

    def user(self, given: str) -> User:
        """By id, name or `me`; an e-mail address is none. Raises Refusal where the caller may not see them."""
        if given == "me":
            if self.caller.is_for_apps:
                raise hidden()
            return self.caller.user
        for user in self.contents.users.values():
            is_meant = given in (user.id, user.username) and not user.is_deleted
            if is_meant and self.caller.may("read", "user", owner_id=user.id):
                return user
        raise unknown_user(given)

    def organization(self, given: str) -> str:
        """An organization's name, by id, name or `default`. Raises Refusal where the caller may not see it."""
        for one in self.settings.organizations:
            names = (one.name, id_of("organization", one.name), *(["default"] if one.is_default else []))
            if given in names and self.caller.may("read", "organization", one.name):
                return one.name
        raise hidden()

    def member(self, organization: str, given: str) -> User:
        """A member of an organization whom the caller may see there. Raises Refusal."""
        for user in self.contents.users.values():
            is_meant = given in (user.id, user.username) or (given == "me" and user.id == self.caller.user.id)
            is_there = organization in user.members and not user.is_deleted
            if is_meant and is_there and self.caller.may("read", "organization_member", organization, user.id):
                return user
        raise hidden()

    def template(self, template_id: str) -> str:
        """A template's name. Raises Refusal where the caller may not see it."""
        checked_id(template_id)
        for name, template in self.contents.templates.items():
            is_meant = template_id == id_of("template", name)
            if is_meant and self.caller.may("read", "template", template.organization):
                return name
        raise hidden()

    def workspace(self, workspace_id: str, *, with_deleted: bool = False) -> Workspace:
        """By its id. Raises Refusal where the caller may not see it, and where it was deleted."""
        checked_id(workspace_id)
        found = self.contents.workspaces.get(workspace_id)
        if found is None or not self.may("read", found):
            raise hidden()
        if found.is_deleted and not with_deleted:
            raise Refusal(
                410,
                f'Workspace "{workspace_id}" was deleted, you can view this workspace by specifying '
                "'?deleted=true' and trying again.",
            )
        return found

    def build(self, build_id: str) -> tuple[Workspace, Build]:
        """By its id, with its workspace. Raises Refusal where the caller may not see it."""
        checked_id(build_id)
        for workspace in self.contents.workspaces.values():
            for build in workspace.builds:
                if build.id == build_id and self.may("read", workspace):
                    return workspace, build
        raise hidden()

    def may(self, action: str, workspace: Workspace) -> bool:
        """Whether the caller may do this with a workspace."""
        organization = self.contents.templates[workspace.template].organization
        return self.caller.may(action, "workspace", organization, workspace.owner_id)


Handler: TypeAlias = Callable[..., Json]
"""Of a Call and what its path names; answers a body, or an Answer."""

Route: TypeAlias = tuple[str, str, Handler]
"""Method, path below /api/v2, handler."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def checked_id(given: str) -> str:
    """The id. Raises Refusal for what is none."""
    if not _UUID.fullmatch(given):
        raise Refusal(400, f'Invalid UUID "{given}".', f"invalid UUID length: {len(given)}")
    return str(uuid.UUID(given))
