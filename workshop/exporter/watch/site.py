"""The stack that is watched, as a Pod in one of its clusters reaches it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from workshop.checks.site import Site
from workshop.checks.systems import systems_of
from workshop.model.outcome import Outcome
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.stack import Settings

ACCOUNT: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where Kubernetes mounts a Pod's token, and its API's certificate."""


def site_of(settings: Settings, environment: Mapping[str, str]) -> Callable[[], Site]:
    """A site as of now, each time it is called. Raises Refused where there is no plan."""
    plan, systems = plan_of_event(settings), systems_of(settings, environment)
    return lambda: Site(
        stack="the stack",
        settings=settings,
        plan=plan,
        now=datetime.now(UTC),
        systems=systems,
        run_preview=_no_preview,
    )


def in_cluster(settings: Settings, region: str, folder: Path, account: Path = ACCOUNT) -> Settings:
    """Settings whose kubeconfig, written into this folder, leads to the Pod's own cluster under the region's context.

    The token is read from its file at each use: Kubernetes renews it.
    """
    context = next(one.cluster.context for one in settings.regions if one.name == region)
    file = folder / "kubeconfig"
    cluster = {"server": "https://kubernetes.default.svc", "certificate-authority": str(account / "ca.crt")}
    file.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "here", "cluster": cluster}],
                "users": [{"name": "exporter", "user": {"tokenFile": str(account / "token")}}],
                "contexts": [{"name": context, "context": {"cluster": "here", "user": "exporter"}}],
                "current-context": context,
            }
        )
    )
    return settings.model_copy(update={"kubeconfig": str(file)})


def _no_preview() -> Outcome:
    raise AssertionError("no check that is watched asks for a preview")
