"""python -m workshop.event.systems.eks CLUSTER REGION: a token for an EKS cluster, as `aws eks get-token` prints it.

The keeper's image has no AWS command line, and tokens last fifteen minutes: lightkube runs this when it needs one
(client-go credential plugins; the token is a presigned GetCallerIdentity, kubernetes-sigs/aws-iam-authenticator).
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final

from lightkube import KubeConfig

from workshop.event.failure import EventFailure

_API: Final = "client.authentication.k8s.io/v1beta1"
"""What lightkube 1.0 knows; it refuses v1."""

_URL_SECONDS: Final = 60
_LASTS: Final = timedelta(minutes=14)


def kubeconfig(region: str, cluster: str) -> KubeConfig:
    """How to reach an EKS cluster as the IAM role that this runs as. Raises EventFailure where EKS does not say."""
    boto3: Any = import_module("boto3")
    try:
        found: Mapping[str, Any] = boto3.client("eks", region_name=region).describe_cluster(name=cluster)["cluster"]
    except Exception as error:  # noqa: BLE001 -- botocore's have no base of their own
        raise EventFailure(f"EKS does not say where cluster {cluster} is: {type(error).__name__}") from None
    reached = {"server": found["endpoint"], "certificate-authority-data": found["certificateAuthority"]["data"]}
    plugin = {
        "apiVersion": _API,
        "command": sys.executable,
        "args": ["-m", "workshop.event.systems.eks", cluster, region],
    }
    configuration: Any = KubeConfig
    return configuration.from_dict(
        {
            "clusters": [{"name": cluster, "cluster": reached}],
            "users": [{"name": "keeper", "user": {"exec": {**plugin, "interactiveMode": "Never"}}}],
            "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": "keeper"}}],
            "current-context": cluster,
        }
    )


def credential(cluster: str, region: str) -> str:
    """The token, with its end, as a credential plugin prints it."""
    session: Any = import_module("botocore.session").get_session()
    signers: Any = import_module("botocore.signers")
    client = session.create_client("sts", region_name=region)
    signer = signers.RequestSigner(
        client.meta.service_model.service_id,
        region,
        "sts",
        "v4",
        session.get_credentials(),
        session.get_component("event_emitter"),
    )
    request = {
        "method": "GET",
        "url": f"https://sts.{region}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    url: str = signer.generate_presigned_url(request, operation_name="", region_name=region, expires_in=_URL_SECONDS)
    token = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    expires = (datetime.now(UTC) + _LASTS).strftime("%Y-%m-%dT%H:%M:%SZ")
    status = {"token": token, "expirationTimestamp": expires}
    return json.dumps({"apiVersion": _API, "kind": "ExecCredential", "status": status})


def main(arguments: Sequence[str]) -> int:
    """Prints a credential."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m workshop.event.systems.eks CLUSTER REGION\n")
        return 2
    sys.stdout.write(credential(*arguments) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
