"""The providers through which a stack is observed and declared: one per region and package, one for DNS.

Sandbox and real stacks differ here and nowhere else: in the sandbox the endpoints are on loopback and the
credentials are its token, elsewhere they come from the environment as the providers' own documentation says.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_cloudflare as cloudflare
import pulumi_kubernetes as kubernetes

from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Scope, Settings
from workshop.observe.providers import Providers
from workshop.observe.sandbox_credentials import sandbox_token


def make_providers(settings: Settings) -> Providers:
    """Registers the providers that the stack's scope needs; nothing else is registered before the rules have passed."""
    everything = settings.scope is Scope.ALL
    return Providers(
        aws={region.name: _aws(settings, region) for region in settings.regions}
        if everything or settings.scope is Scope.REGISTRY
        else {},
        kubernetes={region.name: _kubernetes(settings, region) for region in settings.regions} if everything else {},
        cloudflare=_cloudflare(settings) if settings.declares_records else None,
    )


def _aws(settings: Settings, region: Region) -> aws.Provider:
    name = f"aws-{region.name}"
    accounts = None if settings.account is None else [settings.account]
    if settings.endpoints is None:
        return aws.Provider(name, region=region.name, allowed_account_ids=accounts)
    token = pulumi.Output.secret(sandbox_token(settings))
    # The account is still asked for, or there would be nothing to compare with the allowed one.
    return aws.Provider(
        name,
        region=region.name,
        allowed_account_ids=accounts,
        endpoints=[
            {
                "ecr": settings.endpoints.aws,
                "sts": settings.endpoints.aws,
                "iam": settings.endpoints.aws,
                "secretsmanager": settings.endpoints.aws,
                "s3": settings.endpoints.aws,
                "eks": f"{settings.endpoints.aws}/eks",
            }
        ],
        s3_use_path_style=True,
        access_key=token,
        secret_key=token,
        skip_credentials_validation=True,
        skip_metadata_api_check=True,
        skip_region_validation=True,
    )


def _kubernetes(settings: Settings, region: Region) -> kubernetes.Provider:
    return kubernetes.Provider(
        f"kubernetes-{region.name}",
        kubeconfig=settings.kubeconfig,
        context=region.cluster.context,
        # A new kubeconfig for the same cluster must not replace everything in it.
        cluster_identifier=region.cluster.uid,
        # Else each change of a dashboard or a mail template takes it away before it makes it anew.
        enable_config_map_mutable=True,
    )


def _cloudflare(settings: Settings) -> cloudflare.Provider:
    if settings.endpoints is None:
        return cloudflare.Provider("cloudflare")
    return cloudflare.Provider("cloudflare", base_url=settings.endpoints.cloudflare, api_token=sandbox_token(settings))
