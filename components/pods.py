"""Pods that run an entry point of the project's image, and what they may do in a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi_kubernetes as kubernetes
from pulumi import Resource, ResourceOptions
from pulumi_kubernetes.batch.v1 import JobSpecArgs
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecretKeySelectorArgs,
    SecurityContextArgs,
    VolumeArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from components.component import Component
from workshop.model.names import MANAGED_BY_LABEL, MARK
from workshop.model.rotation import MASTER_KEY_VARIABLE

ROLE_ANNOTATION: Final = "eks.amazonaws.com/role-arn"
"""By which EKS gives a ServiceAccount's Pods an IAM role (IRSA)."""

STEP_LABEL: Final = "workshop-step"

_REPLACED_IF_FAILED: Final = {"pulumi.com/replaceUnready": "true"}
"""A Job that failed runs again at the next `up`; else Pulumi would only wait for it again."""

_NOBODY: Final = 65532
_DEADLINE_SECONDS: Final = 420
"""More than any entry point waits, less than the ten minutes for which Pulumi awaits a Job."""


def metadata(
    name: str,
    namespace: str | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> ObjectMetaArgs:
    """Of an object that this project owns."""
    return ObjectMetaArgs(
        name=name, namespace=namespace, labels={MANAGED_BY_LABEL: MARK, **(labels or {})}, annotations=annotations
    )


def service_account(
    component: Component,
    name: str,
    namespace: str,
    role_arn: str | None = None,
    *,
    asks_cluster: bool = True,
    after: Sequence[Resource] = (),
) -> Resource:
    """A ServiceAccount; role_arn: the IAM role that its Pods take on. asks_cluster: whether these need its token.

    after: what comes before it, as its namespace where this component declares that.
    """
    annotations = {ROLE_ANNOTATION: role_arn} if role_arn else None
    return kubernetes.core.v1.ServiceAccount(
        component.child_name(f"{name}-account"),
        metadata=metadata(name, namespace, annotations=annotations),
        automount_service_account_token=None if asks_cluster else False,
        opts=component.child_options(depends_on=[*after]),
    )


def grant(
    component: Component,
    account: tuple[str, str],
    namespace: str | None,
    rules: list[dict[str, Any]],
    after: Sequence[Resource] = (),
) -> list[Resource]:
    """Lets an account, given as namespace and name, do this in one namespace; None: to objects of the whole cluster.

    after: as of a ServiceAccount.
    """
    home, name = account
    subject = {"kind": "ServiceAccount", "namespace": home, "name": name}
    return grant_to(component, subject, name, namespace, rules, after)


def grant_to(
    component: Component,
    subject: Mapping[str, str],
    name: str,
    namespace: str | None,
    rules: list[dict[str, Any]],
    after: Sequence[Resource] = (),
) -> list[Resource]:
    """The same for any subject, under a role named so."""
    role = name if name.startswith(MARK) else f"{MARK}-{name}"
    where = namespace or "cluster"
    roles: Any = kubernetes.rbac.v1
    kind = "Role" if namespace else "ClusterRole"
    declared: Resource = getattr(roles, kind)(
        component.child_name(f"{name}-{where}-role"),
        metadata=metadata(role, namespace),
        rules=rules,
        opts=component.child_options(depends_on=[*after]),
    )
    bound: Resource = getattr(roles, f"{kind}Binding")(
        component.child_name(f"{name}-{where}-binding"),
        metadata=metadata(role, namespace),
        role_ref={"api_group": "rbac.authorization.k8s.io", "kind": kind, "name": role},
        subjects=[dict(subject)],
        opts=component.child_options(depends_on=[declared]),
    )
    return [declared, bound]


def job(
    component: Component,
    step: str,
    pod: PodSpecArgs,
    *,
    namespace: str,
    window: str,
    opts: ResourceOptions,
) -> Resource:
    """A Job that runs once for a window: another window's has another name, and so runs again."""
    name = f"{MARK}-{step}-{window}"
    return kubernetes.batch.v1.Job(
        component.child_name(f"{step}-job"),
        metadata=metadata(name, namespace, labels={STEP_LABEL: step}, annotations=_REPLACED_IF_FAILED),
        spec=job_spec(pod, backoff_limit=2),
        opts=opts,
    )


def job_spec(pod: PodSpecArgs, *, backoff_limit: int) -> JobSpecArgs:
    """No time to live: a Job that is gone would be made, and run, again by the next `up`."""
    return JobSpecArgs(
        backoff_limit=backoff_limit,
        active_deadline_seconds=_DEADLINE_SECONDS,
        template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels={MANAGED_BY_LABEL: MARK}), spec=pod),
    )


def master_key_variable(secret: str, key: str) -> EnvVarArgs:
    """Gives a Pod LiteLLM's master key, which Pulumi does not see."""
    source = EnvVarSourceArgs(secret_key_ref=SecretKeySelectorArgs(name=secret, key=key))
    return EnvVarArgs(name=MASTER_KEY_VARIABLE, value_from=source)


def pod(
    image: str,
    command: str,
    request: str,
    account: str,
    env: list[EnvVarArgs] | None = None,
    *,
    module: str | None = None,
) -> PodSpecArgs:
    """A Pod that carries out one request, given as JSON. module: what runs it, unset: the image's workshop.rotation."""
    return restricted_pod(container(image, command, request, env, module=module), account)


def container(
    image: str,
    command: str,
    request: str,
    env: list[EnvVarArgs] | None = None,
    *,
    module: str | None = None,
    memory: str = "256Mi",
) -> ContainerArgs:
    """A container that fits Pod Security's level `restricted`. memory: its limit."""
    return ContainerArgs(
        name=command,
        image=image,
        command=["python", "-m", module] if module else None,
        args=[command, request],
        env=env,
        termination_message_policy="FallbackToLogsOnError",
        resources=ResourceRequirementsArgs(
            requests={"cpu": "50m", "memory": "128Mi"}, limits={"cpu": "500m", "memory": memory}
        ),
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
        ),
    )


def restricted_pod(
    only: ContainerArgs, account: str, *, restart_policy: str = "Never", volumes: list[VolumeArgs] | None = None
) -> PodSpecArgs:
    """A Pod of one container, as nobody, under a ServiceAccount. Fits Pod Security's level `restricted`."""
    return PodSpecArgs(
        service_account_name=account,
        restart_policy=restart_policy,
        security_context=PodSecurityContextArgs(
            run_as_non_root=True, run_as_user=_NOBODY, seccomp_profile=SeccompProfileArgs(type="RuntimeDefault")
        ),
        containers=[only],
        volumes=volumes,
    )
