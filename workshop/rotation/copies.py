"""copy and verify: the stored key in every workspace namespace of this region."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from workshop.model.counting import counted
from workshop.model.rotation import CopyRequest, KeyCopy
from workshop.rotation.cluster import Cluster
from workshop.rotation.failure import RotationFailure
from workshop.rotation.issue import confirm
from workshop.rotation.litellm import LiteLLM
from workshop.rotation.stored_key import KeyStore

WAIT_SECONDS: Final = 240
"""For Jobs of the rotation that were running when it was suspended; they take seconds."""

_POLL_SECONDS: Final = 2


def copy(request: CopyRequest, litellm: LiteLLM, store: KeyStore, cluster: Cluster) -> str:
    """Writes the stored key into every Secret that holds another one; answers what it did. Raises RotationFailure."""
    key = _stored(store)
    info = confirm(litellm, key, request.until)
    stale = [each for each in request.copies if cluster.key(each) != key]
    for each in stale:
        cluster.write_key(each, key)
    _refuse_different(request, cluster, key)
    return f"key {info.key_alias} is in {counted(len(request.copies), 'Secret')}, {len(stale)} written now"


def verify(
    request: CopyRequest,
    litellm: LiteLLM,
    store: KeyStore,
    cluster: Cluster,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Waits for running rotations, then reads every Secret again. Raises RotationFailure naming those that differ."""
    for each in request.copies:
        if not cluster.is_suspended(each.namespace, each.cron_job):
            raise RotationFailure(f"CronJob {each.namespace}/{each.cron_job} is not suspended: run up again")
    waited = 0
    while running := [
        f"{each.namespace}/{job}"
        for each in request.copies
        for job in cluster.running_jobs(each.namespace, each.cron_job)
    ]:
        if waited >= WAIT_SECONDS:
            raise RotationFailure(
                f"still running after {WAIT_SECONDS} s: {', '.join(running)}; whatever they write would replace the "
                "window's key: delete these Jobs and run up again"
            )
        sleep(_POLL_SECONDS)
        waited += _POLL_SECONDS
    key = _stored(store)
    info = confirm(litellm, key, request.until)
    _refuse_different(request, cluster, key)
    return f"key {info.key_alias} is in {counted(len(request.copies), 'Secret')}, all of them"


def _stored(store: KeyStore) -> str:
    key = store.read()
    if key is None:
        raise RotationFailure(f"{store} holds no key: run up again, which issues one")
    return key


def _refuse_different(request: CopyRequest, cluster: Cluster, key: str) -> None:
    different = [_name(each) for each in request.copies if cluster.key(each) != key]
    if different:
        raise RotationFailure(
            f"{', '.join(different)} {'holds' if len(different) == 1 else 'hold'} a key other than the window's, which "
            "expires while participants work: delete the Job that copies the key (kubectl delete job -n "
            "ai-coder-workshop -l workshop-step=copy) and run up again"
        )


def _name(copy: KeyCopy) -> str:
    return f"Secret {copy.namespace}/{copy.secret_name}"
