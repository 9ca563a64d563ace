"""What the exporter may see, in one region's cluster and at AWS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from pulumi import ResourceOptions

from components.aws_roles import boundary_arn, pod_role, trust_of_account
from components.component import Component
from components.pods import grant
from workshop.model.names import EXPORTER, EXPORTER_ACCOUNT


@dataclass(frozen=True, kw_only=True)
class ExporterRightsArgs:
    """namespaces: of the workloads that it looks at: server or proxy, LiteLLM, and provisioners."""

    namespaces: tuple[str, ...]


class ExporterRights(Component):
    """Declares roles by which the exporter's checks read a cluster (docs/preflight.md has the same); it writes nothing.

    Outputs: account (whose rights they are).
    """

    def __init__(self, name: str, args: ExporterRightsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        account = (EXPORTER, EXPORTER_ACCOUNT)
        grant(self, account, None, _IN_CLUSTER)
        for namespace in args.namespaces:
            grant(self, account, namespace, _IN_NAMESPACE)
        self.register_outputs({"account": EXPORTER_ACCOUNT})


_READ: Final = ["get", "list"]
_IN_CLUSTER: Final[list[dict[str, Any]]] = [
    {"api_groups": [""], "resources": ["nodes"], "verbs": _READ},
    {"api_groups": [""], "resources": ["pods"], "verbs": ["list"]},
    {"api_groups": ["karpenter.sh"], "resources": ["nodepools"], "verbs": _READ},
    {"api_groups": ["karpenter.k8s.aws"], "resources": ["ec2nodeclasses"], "verbs": _READ},
]
_IN_NAMESPACE: Final[list[dict[str, Any]]] = [
    {"api_groups": ["apps"], "resources": ["deployments"], "verbs": _READ},
    {"api_groups": ["autoscaling"], "resources": ["horizontalpodautoscalers"], "verbs": ["list"]},
    {"api_groups": [""], "resources": ["resourcequotas"], "verbs": ["list"]},
]


@dataclass(frozen=True, kw_only=True)
class ExporterRoleArgs:
    """account: AWS account. oidc_issuer: of the cluster whose Pods take the role on. repositories: that it sees.

    permissions_boundary: name of the account's policy beyond which it may not go, unset: none.
    """

    account: str
    oidc_issuer: str
    repositories: tuple[str, ...]
    permissions_boundary: str | None = None


class ExporterRole(Component):
    """Declares the exporter's IAM role: it sees which images the registries of all regions have.

    Outputs: role (its name).
    """

    def __init__(self, name: str, args: ExporterRoleArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        seen = [f"arn:aws:ecr:*:{args.account}:repository/{repository}" for repository in args.repositories]
        pod_role(
            self,
            EXPORTER,
            trust_of_account(args.account, args.oidc_issuer, EXPORTER, EXPORTER_ACCOUNT),
            "registries",
            [{"Effect": "Allow", "Action": "ecr:DescribeImages", "Resource": seen}],
            boundary_arn(args.account, args.permissions_boundary),
        )
        self.register_outputs({"role": EXPORTER})
