"""The client: everything that the event asks of Coder."""

from __future__ import annotations

from workshop.event.coder.organizations import Organizations
from workshop.event.coder.provisioners import Provisioners
from workshop.event.coder.regions import Regions
from workshop.event.coder.templates import Templates
from workshop.event.coder.tokens import Tokens
from workshop.event.coder.users import Users
from workshop.event.coder.workspaces import Workspaces


class Coder(Users, Organizations, Templates, Workspaces, Provisioners, Regions, Tokens):
    """A Coder server, asked as one account. All calls raise CoderError; a context manager."""
