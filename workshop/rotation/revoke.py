"""revoke: the window's key ends when every Secret has been seen to hold another one."""

from __future__ import annotations

from workshop.model.rotation import RevokeRequest
from workshop.rotation.litellm import LiteLLM


def revoke(request: RevokeRequest, litellm: LiteLLM, master_key: str) -> str:
    """Deletes the window's key, and those that an interrupted run has issued; answers what it did.

    May be repeated. Raises RotationFailure where LiteLLM does not do it.
    """
    if litellm.revoke(master_key, request.alias):
        return f"key {request.alias} is revoked"
    return f"LiteLLM has no key {request.alias}: it was revoked before, or has expired"
