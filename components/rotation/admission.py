"""What the API server refuses to our own Jobs in one region: RBAC names objects and verbs, not fields and contents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import ResourceOptions

from components.admission_policies import by_accounts, constraints, declare_policy, unchanged_but
from components.component import Component
from components.rotation.cel import cel_literal
from workshop.model.names import MARK

_OURS = "pulumi.com/"
"""Begins the annotations that a patch brings, and that go with it."""


@dataclass(frozen=True, kw_only=True)
class RotationAdmissionArgs:
    """namespace: of the accounts. resuming: the account that gives back what the window holds.

    checking: those that run a CronJob's Job once; cron_job: its name, in each of cron_job_namespaces.
    scaled_objects: namespace of the one whose floor the first lowers; None: there is none.
    pods: by namespace, the Pod spec of that CronJob's template; where it is not known, no Job is started.
    """

    namespace: str
    resuming: str
    checking: tuple[str, ...]
    cron_job: str
    cron_job_namespaces: tuple[str, ...]
    pods: Mapping[str, Mapping[str, object]]
    scaled_objects: str | None = None


class RotationAdmission(Component):
    """Declares ValidatingAdmissionPolicies that bind our accounts only, whatever `workshop:admission` says.

    Outputs: policies (their names in the cluster).
    """

    def __init__(self, name: str, args: RotationAdmissionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        policies = rotation_policies(args)
        for policy, (spec, binding) in policies.items():
            declare_policy(self, policy, spec, binding)
        self.register_outputs({"policies": sorted(policies)})


def rotation_policies(args: RotationAdmissionArgs) -> Mapping[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Spec and binding's spec of each policy, by its name in the cluster."""
    resume, reopen, check, lower = (f"{MARK}-rotation-{name}" for name in ("resume", "reopen", "check", "lower"))
    return {
        **({lower: (_lower(args, args.scaled_objects), _binding(lower))} if args.scaled_objects else {}),
        resume: (_resume(args), _binding(resume)),
        reopen: (_reopen(args), _binding(reopen)),
        check: (_check(args), _binding(check)),
    }


def _binding(policy: str) -> dict[str, Any]:
    return {"policyName": policy, "validationActions": ["Deny"]}


def _resume(args: RotationAdmissionArgs) -> dict[str, Any]:
    return {
        **constraints("batch", "v1", "cronjobs", "*", namespaces=args.cron_job_namespaces),
        "matchConditions": [by_accounts(args.namespace, args.resuming)],
        "validations": [
            *unchanged_but("suspend", f"k.startsWith('{_OURS}')"),
            {
                "expression": "!object.spec.?suspend.orValue(false) || oldObject.spec.?suspend.orValue(false)",
                "message": "this account resumes CronJobs, and suspends none",
            },
        ],
    }


def _reopen(args: RotationAdmissionArgs) -> dict[str, Any]:
    return {
        **constraints("karpenter.sh", "v1", "nodepools", "*"),
        "matchConditions": [by_accounts(args.namespace, args.resuming)],
        "validations": unchanged_but("limits", f"k.startsWith('{_OURS}')"),
    }


def _lower(args: RotationAdmissionArgs, namespace: str) -> dict[str, Any]:
    return {
        **constraints("keda.sh", "v1alpha1", "scaledobjects", "*", namespaces=(namespace,)),
        "matchConditions": [by_accounts(args.namespace, args.resuming)],
        "validations": [
            *unchanged_but("minReplicaCount", f"k.startsWith('{_OURS}')"),
            {
                "expression": "object.spec.minReplicaCount > 0",
                "message": "this account lowers a floor, and takes none away",
            },
        ],
    }


def _check(args: RotationAdmissionArgs) -> dict[str, Any]:
    """The Pods are written out: a policy with a paramKind goes on answering from what it once saw (decision 0022)."""
    message = (
        f"this account starts Jobs of CronJob {args.cron_job} only: the Job's Pod has to be what the CronJob's "
        "template was at the last `up`; where that has changed since, run `up` again"
    )
    of_namespaces = {
        namespace: f"object.spec.template.spec == {cel_literal(pod)}" for namespace, pod in sorted(args.pods.items())
    }
    return {
        **constraints("batch", "v1", "jobs", "*", namespaces=args.cron_job_namespaces),
        "matchConditions": [by_accounts(args.namespace, *args.checking)],
        "validations": [
            {
                "expression": f"request.operation == 'CREATE' && request.namespace in {sorted(of_namespaces)}",
                "message": message,
            },
            *(
                {"expression": f"request.namespace != '{namespace}' || {is_same}", "message": message}
                for namespace, is_same in of_namespaces.items()
            ),
        ],
    }
