"""python -m workshop.rotation issue|copy|verify|resume|check|revoke REQUEST: what the clusters' Jobs run.

REQUEST: JSON, as workshop/model/rotation.py has it. Prints in one line what it did, or what is wrong, on standard
output or error. Exit codes: 0 done, 1 failed, 2 called wrongly. Prints no key, and nothing of which a key could be a
part: no answers, no tracebacks.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from workshop.entry_point import handle
from workshop.model.rotation import (
    ALERT_VARIABLE,
    MASTER_KEY_VARIABLE,
    CheckRequest,
    CopyRequest,
    IssueRequest,
    ResumeRequest,
    RevokeRequest,
)
from workshop.rotation.check import check
from workshop.rotation.cluster import Cluster
from workshop.rotation.copies import copy, verify
from workshop.rotation.failure import RotationFailure
from workshop.rotation.issue import issue
from workshop.rotation.litellm import LiteLLM, utc_now
from workshop.rotation.resume import resume
from workshop.rotation.revoke import revoke
from workshop.rotation.stored_key import KeyStore


def main(arguments: Sequence[str]) -> int:
    """Handles one request."""
    return handle("workshop.rotation", COMMANDS, arguments, RotationFailure)


def _issue(text: str) -> str:
    request = IssueRequest.model_validate_json(text)
    master_key = _master_key()
    alert_usd = int(os.environ.get(ALERT_VARIABLE, "0")) or None
    with LiteLLM(request.litellm_url) as litellm:
        return issue(request, litellm, KeyStore(request.stored), master_key, utc_now(), alert_usd)


def _copy(text: str) -> str:
    request = CopyRequest.model_validate_json(text)
    with LiteLLM(request.litellm_url) as litellm, Cluster() as cluster:
        return copy(request, litellm, KeyStore(request.stored), cluster)


def _verify(text: str) -> str:
    request = CopyRequest.model_validate_json(text)
    with LiteLLM(request.litellm_url) as litellm, Cluster() as cluster:
        return verify(request, litellm, KeyStore(request.stored), cluster)


def _resume(text: str) -> str:
    request = ResumeRequest.model_validate_json(text)
    with Cluster() as cluster:
        return resume(request, cluster, utc_now())


def _check(text: str) -> str:
    request = CheckRequest.model_validate_json(text)
    with LiteLLM(request.litellm_url) as litellm, Cluster() as cluster:
        return check(request, litellm, cluster)


def _revoke(text: str) -> str:
    request = RevokeRequest.model_validate_json(text)
    with LiteLLM(request.litellm_url) as litellm:
        return revoke(request, litellm, _master_key())


def _master_key() -> str:
    master_key = os.environ.get(MASTER_KEY_VARIABLE, "")
    if not master_key:
        raise RotationFailure(
            f"{MASTER_KEY_VARIABLE} is empty: the Secret that workshop:rotation names has no such key"
        )
    return master_key


COMMANDS: Final[Mapping[str, Callable[[str], str]]] = {
    "issue": _issue,
    "copy": _copy,
    "verify": _verify,
    "resume": _resume,
    "check": _check,
    "revoke": _revoke,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
