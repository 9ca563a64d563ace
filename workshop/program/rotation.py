"""What holds the rotation of LiteLLM's key in a phase, in the order in which it has to happen (docs/rotation.md).

In the window: key issued, copied in every region, auto-resume set, generator and swappers suspended, copies verified.
After it: swappers resumed, generator resumed, one rotation run and checked. Before it, and without one: nothing, which
takes away what is left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from pulumi import Resource, ResourceOptions

from components.rotation.admission import RotationAdmission, RotationAdmissionArgs
from components.rotation.auto_resume import RotationSwitch, RotationSwitchArgs
from components.rotation.check import RotationCheck, RotationCheckArgs
from components.rotation.copies import RotationCopies, RotationCopiesArgs
from components.rotation.issue import RotationIssue, RotationIssueArgs
from components.rotation.key import KeyReader, RotationKey, RotationKeyArgs
from components.rotation.namespace import RotationNamespace, RotationNamespaceArgs
from components.rotation.network import RotationNetwork, RotationNetworkArgs
from components.rotation.revoke import RotationRevocation, RotationRevocationArgs
from components.rotation.suspension import RotationSuspension, RotationSuspensionArgs
from components.rotation.verified import RotationVerified, RotationVerifiedArgs
from workshop.model.names import MARK
from workshop.model.observations import Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.rotation import (
    NAMESPACE,
    Floor,
    RegionRotation,
    alert_usd,
    check_requests,
    copy_request,
    holds_rotation,
    issue_request,
    region_rotation,
    resume_request,
    revoke_request,
    window_id,
)
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase
from workshop.observe.providers import Providers
from workshop.program.scaling import floors_after

_ISSUER: Final = f"{MARK}-key-issue"
_REVOKER: Final = f"{MARK}-key-revoke"
_COPIER: Final = "key-copy"
_SWITCH: Final = "rotation-switch"
_CHECK: Final = "rotation-check"
_GENERATOR_CHECK: Final = "generator-check"
_HTTPS: Final = 443
_WRITES: Final = ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue")
_READS: Final = ("secretsmanager:GetSecretValue",)


def declare_rotation(
    settings: Settings, plan: Plan, observations: Observations, providers: Providers
) -> Mapping[str, Sequence[Resource]]:
    """Declares what the phase asks for; answers, by region, the auto-resume CronJob for what it gives back."""
    is_held = holds_rotation(plan.phase)
    floors = floors_after(settings, plan)
    if settings.window is None or not (is_held or plan.phase is Phase.AFTER):
        return {}
    admissions = {one.name: _admission(settings, one, floors, providers, observations) for one in settings.regions}
    rotations = {region.name: region_rotation(settings, region) for region in settings.regions}
    if is_held:
        return _hold(settings, rotations, floors, providers, admissions)
    _resume(settings, rotations, providers, admissions)
    return {}


def _hold(
    settings: Settings,
    rotations: Mapping[str, RegionRotation],
    floors: Mapping[str, Floor],
    providers: Providers,
    admissions: Mapping[str, Resource],
) -> Mapping[str, Sequence[Resource]]:
    control_plane = next(region for region in settings.regions if region.role is Role.CONTROL_PLANE)
    readers = {_ISSUER: _reader(control_plane, settings.litellm.namespace, _ISSUER, _WRITES)}
    for region in settings.regions:
        readers[_role(region)] = _reader(region, NAMESPACE, _COPIER, _READS)
    key = RotationKey(
        control_plane.name,
        RotationKeyArgs(
            account=given(settings.account),
            region=control_plane.name,
            stored_as=settings.rotation.stored_as,
            readers=readers,
            permissions_boundary=settings.rotation.permissions_boundary,
        ),
        ResourceOptions(provider=providers.aws[control_plane.name]),
    )
    issued = RotationIssue(
        control_plane.name,
        RotationIssueArgs(
            window=window_id(given(settings.window)),
            image=given(settings.rotation.image),
            order=issue_request(settings).text(),
            alert_usd=alert_usd(settings),
            namespace=settings.litellm.namespace,
            service_account=_ISSUER,
            role_arn=_arn(settings, _ISSUER),
            master_secret_name=settings.rotation.master_secret,
            master_secret_key=settings.rotation.master_secret_key,
        ),
        _in(providers, control_plane, key, _network(settings, control_plane, providers, settings.litellm.namespace)),
    )
    copied = [_copy(settings, region, providers, issued) for region in settings.regions]
    switches = {
        region.name: _switch(settings, region, floors.get(region.name), providers, admissions[region.name], *copied)
        for region in settings.regions
    }
    first = _declare_suspension(
        settings, rotations, providers, [*switches.values()], generators=True, is_suspended=True
    )
    then = _declare_suspension(settings, rotations, providers, first, generators=False, is_suspended=True)
    for region in settings.regions:
        verified = RotationVerifiedArgs(
            window=window_id(given(settings.window)),
            image=given(settings.rotation.image),
            order=copy_request(settings, region).text(),
            namespace=NAMESPACE,
            service_account=_COPIER,
        )
        RotationVerified(region.name, verified, _in(providers, region, *then))
    return {name: [switch] for name, switch in switches.items()}


def _resume(
    settings: Settings,
    rotations: Mapping[str, RegionRotation],
    providers: Providers,
    admissions: Mapping[str, Resource],
) -> None:
    """The same patches, turned round: an update of each, in the opposite order; then one rotation."""
    swappers = _declare_suspension(settings, rotations, providers, [], generators=False, is_suspended=False)
    resumed = _declare_suspension(settings, rotations, providers, swappers, generators=True, is_suspended=False)
    namespaces = {
        region.name: RotationNamespace(region.name, RotationNamespaceArgs(namespace=NAMESPACE), _in(providers, region))
        for region in settings.regions
    }
    bounds = {
        region.name: (
            admissions[region.name],
            _network(settings, region, providers, NAMESPACE, namespaces[region.name]),
        )
        for region in settings.regions
    }
    generated: list[Resource] = []
    for generators in (True, False):
        after = [*resumed, *generated]
        for region in settings.regions:
            rotation = rotations[region.name]
            cron_jobs = rotation.generators if generators else rotation.swappers
            if not cron_jobs:
                continue
            of_generators, of_swappers = check_requests(settings, region)
            args = RotationCheckArgs(
                step="check-generator" if generators else "check-swappers",
                window=window_id(given(settings.window)),
                image=given(settings.rotation.image),
                order=(of_generators if generators else of_swappers).text(),
                namespace=NAMESPACE,
                service_account=_GENERATOR_CHECK if generators else _CHECK,
                cron_jobs=cron_jobs,
                secret_name=None if generators else settings.rotation.secret,
            )
            name = f"{region.name}-generator" if generators else region.name
            before = (namespaces[region.name], *bounds[region.name], *after)
            generated.append(RotationCheck(name, args, _in(providers, region, *before)))
    _revoke(settings, providers, generated)


def _revoke(settings: Settings, providers: Providers, checks: Sequence[Resource]) -> None:
    """After every check, in every region: until then a Secret may hold the window's key."""
    region = next(region for region in settings.regions if region.role is Role.CONTROL_PLANE)
    args = RotationRevocationArgs(
        window=window_id(given(settings.window)),
        image=given(settings.rotation.image),
        order=revoke_request(settings).text(),
        namespace=settings.litellm.namespace,
        service_account=_REVOKER,
        master_secret_name=settings.rotation.master_secret,
        master_secret_key=settings.rotation.master_secret_key,
    )
    network = _network(settings, region, providers, settings.litellm.namespace)
    RotationRevocation(region.name, args, _in(providers, region, network, *checks))


def _copy(settings: Settings, region: Region, providers: Providers, issued: Resource) -> Resource:
    namespace = RotationNamespace(
        region.name, RotationNamespaceArgs(namespace=NAMESPACE), _in(providers, region, issued)
    )
    args = RotationCopiesArgs(
        window=window_id(given(settings.window)),
        image=given(settings.rotation.image),
        order=copy_request(settings, region).text(),
        namespace=NAMESPACE,
        service_account=_COPIER,
        role_arn=_arn(settings, _role(region)),
        workspace_namespaces=tuple(cron_job.namespace for cron_job in region_rotation(settings, region).swappers),
        secret_name=settings.rotation.secret,
        cron_job=settings.rotation.cron_job,
    )
    network = _network(settings, region, providers, NAMESPACE, namespace)
    return RotationCopies(region.name, args, _in(providers, region, namespace, network))


def _switch(settings: Settings, region: Region, floor: Floor | None, at: Providers, *after: Resource) -> Resource:
    """After the copies: an auto-resume CronJob that is moved to a later close promises a key that lives as long."""
    args = RotationSwitchArgs(
        image=given(settings.rotation.image),
        order=resume_request(settings, region, floor).text(),
        namespace=NAMESPACE,
        service_account=_SWITCH,
        cron_jobs=region_rotation(settings, region).cron_jobs,
        node_pool=settings.workspaces.previous_node_pool,
        scaled_object=(floor.namespace, floor.name) if floor else None,
    )
    return RotationSwitch(region.name, args, _in(at, region, *after))


def _admission(
    settings: Settings, region: Region, floors: Mapping[str, Floor], providers: Providers, observations: Observations
) -> Resource:
    """The same in and after the window, so that what binds our accounts is there before their rights are."""
    cron_jobs = region_rotation(settings, region).cron_jobs
    args = RotationAdmissionArgs(
        namespace=NAMESPACE,
        resuming=_SWITCH,
        checking=(_CHECK, _GENERATOR_CHECK),
        cron_job=settings.rotation.cron_job,
        scaled_objects=floors[region.name].namespace if region.name in floors else None,
        cron_job_namespaces=tuple(cron_job.namespace for cron_job in cron_jobs),
        pods={
            cron_job.namespace: found.value
            for cron_job in cron_jobs
            if isinstance(found := observations.regions[region.name].cron_jobs.get(cron_job.key), Found)
        },
    )
    return RotationAdmission(region.name, args, _in(providers, region))


def _network(settings: Settings, region: Region, providers: Providers, namespace: str, *after: Resource) -> Resource:
    url = urlsplit(given(settings.litellm_url))
    args = RotationNetworkArgs(
        namespace=namespace,
        ports=tuple(sorted({_HTTPS, url.port or (80 if url.scheme == "http" else _HTTPS)})),
        litellm_namespace=settings.litellm.namespace,
    )
    name = region.name if namespace == NAMESPACE else f"{region.name}-issue"
    return RotationNetwork(name, args, _in(providers, region, *after))


def _declare_suspension(
    settings: Settings,
    rotations: Mapping[str, RegionRotation],
    providers: Providers,
    after: Sequence[Resource],
    *,
    generators: bool,
    is_suspended: bool,
) -> list[Resource]:
    declared: list[Resource] = []
    for region in settings.regions:
        rotation = rotations[region.name]
        chosen = rotation.generators if generators else rotation.swappers
        if chosen:
            name = f"{region.name}-generator" if generators else region.name
            args = RotationSuspensionArgs(cron_jobs=chosen, is_suspended=is_suspended)
            declared.append(RotationSuspension(name, args, _in(providers, region, *after)))
    return declared


def _reader(region: Region, namespace: str, service_account: str, actions: tuple[str, ...]) -> KeyReader:
    return KeyReader(
        oidc_issuer=given(region.cluster.oidc_issuer),
        namespace=namespace,
        service_account=service_account,
        actions=actions,
    )


def _role(region: Region) -> str:
    return f"{MARK}-{_COPIER}-{region.name}"


def _arn(settings: Settings, role: str) -> str:
    return f"arn:aws:iam::{settings.account}:role/{role}"


def _in(providers: Providers, region: Region, *after: Resource) -> ResourceOptions:
    return ResourceOptions(provider=providers.kubernetes[region.name], depends_on=list(after))
