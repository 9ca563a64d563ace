"""How what runs in the clusters for an event fails."""

from __future__ import annotations


class EventFailure(Exception):
    """What is wrong and how to fix it. Never holds a credential, nor any part of an answer that could hold one."""
