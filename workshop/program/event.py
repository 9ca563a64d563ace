"""What an event leaves to run by itself, in the order in which it has to be there (docs/event-parts.md).

What binds our accounts comes before their rights, and in every cluster the dead man's switch before the keeper: nothing
is started for people before there is what stops it. All of it stays from the first `up` with the event until the last
day on which its work is kept (rule event-kept).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from pulumi import Resource, ResourceOptions

from components.event.admission import EventAdmission, EventAdmissionArgs
from components.event.dead_man import DeadMan, DeadManArgs
from components.event.door import Door, DoorArgs
from components.event.keeper import Keeper, KeeperArgs
from components.event.keeper_access import KeeperAccess, KeeperAccessArgs
from components.event.keeper_rights import KeeperRights, KeeperRightsArgs
from components.event.keeper_role import KeeperRole, KeeperRoleArgs
from components.event.namespace import EventNamespace, EventNamespaceArgs
from components.event.saved_work import SavedWork, SavedWorkArgs
from components.event.workspace_bounds import WorkspaceBounds, WorkspaceBoundsArgs
from workshop.model.event.dead_man import HEARTBEAT, SCHEDULE, dead_man_request
from workshop.model.event.door import HEALTH_PATH, PORT, door_request
from workshop.model.event.keeper import (
    DATABASE_PORT,
    DATABASE_VARIABLE,
    SMTP_PASSWORD_VARIABLE,
    TOKEN_VARIABLE,
    bucket_of,
    coder_url,
    control_plane,
    days_kept,
    keep_request,
)
from workshop.model.names import DEAD_MAN, DOOR, EVENT_NAMESPACE, KEEPER, NODE_POOL
from workshop.model.plan.plan import Plan
from workshop.model.plan.workloads import PROVISIONER
from workshop.model.rotation import MASTER_KEY_VARIABLE
from workshop.model.settings.event import Event
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.observe.mail_templates import mail_templates
from workshop.observe.project import in_project
from workshop.observe.providers import Providers

_HTTPS: Final = 443
_PORTS: Final = {"http": 80, "https": _HTTPS}


def declare_event(settings: Settings, plan: Plan, providers: Providers) -> None:
    """Declares what the settings' event needs; nothing where there is none."""
    if settings.event is None or settings.window is None:
        return
    home = control_plane(settings)
    ready = [_saved_work(settings, home, providers), _role(settings, home, providers)]
    for region in settings.regions:
        ready += _in_region(settings, region, providers)
        if plan.phase is not None and plan.phase.is_in_window:
            ready.append(_workspace_bounds(settings, region, providers))
    _keeper(settings, settings.event, home, providers, ready)
    _door(settings, settings.event, home, providers, ready)


def _saved_work(settings: Settings, home: Region, providers: Providers) -> Resource:
    args = SavedWorkArgs(bucket=bucket_of(settings), days=days_kept(settings), adopt=settings.adopt)
    return SavedWork(home.name, args, ResourceOptions(provider=providers.aws[home.name]))


def _role(settings: Settings, home: Region, providers: Providers) -> Resource:
    account = given(settings.account)
    others = (region for region in settings.regions if region.role is not Role.CONTROL_PLANE)
    args = KeeperRoleArgs(
        account=account,
        role=KEEPER,
        oidc_issuer=given(home.cluster.oidc_issuer),
        namespace=EVENT_NAMESPACE,
        service_account=KEEPER,
        bucket=bucket_of(settings),
        regions=tuple(region.name for region in settings.regions),
        node_pool=NODE_POOL,
        clusters=tuple(f"arn:aws:eks:{one.name}:{account}:cluster/{one.cluster.name}" for one in others),
        permissions_boundary=settings.rotation.permissions_boundary,
    )
    return KeeperRole(home.name, args, ResourceOptions(provider=providers.aws[home.name]))


def _workspace_bounds(settings: Settings, region: Region, providers: Providers) -> Resource:
    """In the window only: then everybody's workspaces are on nodes of the event, and afterwards nobody's."""
    largest = settings.workspaces.largest
    args = WorkspaceBoundsArgs(
        vcpu=largest.vcpu,
        memory_gib=largest.memory_gib,
        storage_gib=settings.workspaces.storage_gib,
        namespaces=tuple(organization.namespace for organization in settings.organizations),
    )
    return WorkspaceBounds(region.name, args, ResourceOptions(provider=providers.kubernetes[region.name]))


def _in_region(settings: Settings, region: Region, providers: Providers) -> list[Resource]:
    """Namespace, admission, rights and the dead man's switch; answers what must be there before the keeper."""
    in_cluster = ResourceOptions(provider=providers.kubernetes[region.name])
    is_home = region.role is Role.CONTROL_PLANE
    event = given(settings.event)
    namespaces = tuple(organization.namespace for organization in settings.organizations)
    home_network = _network(settings)
    namespace = EventNamespace(
        region.name,
        EventNamespaceArgs(
            namespace=EVENT_NAMESPACE,
            ports=home_network if is_home else (_HTTPS,),
            namespaces=(settings.server.namespace, settings.litellm.namespace) if is_home else (),
        ),
        in_cluster,
    )
    keeper = f"system:serviceaccount:{EVENT_NAMESPACE}:{KEEPER}" if is_home else KEEPER
    admission = EventAdmission(
        region.name,
        EventAdmissionArgs(
            users=(keeper, f"system:serviceaccount:{EVENT_NAMESPACE}:{DEAD_MAN}"),
            workspace_namespaces=namespaces,
            container=event.saving.container,
            provisioners=(PROVISIONER,),
            node_pool=NODE_POOL,
        ),
        in_cluster,
    )
    bound = ResourceOptions.merge(in_cluster, ResourceOptions(depends_on=[namespace, admission]))
    switch = DeadMan(
        region.name,
        DeadManArgs(
            image=given(settings.rotation.image),
            request=dead_man_request(settings, EVENT_NAMESPACE).text(),
            namespace=EVENT_NAMESPACE,
            service_account=DEAD_MAN,
            schedule=SCHEDULE,
            heartbeat=HEARTBEAT,
            node_pool=NODE_POOL,
        ),
        bound,
    )
    rights = KeeperRights(
        region.name,
        KeeperRightsArgs(
            keeper=KEEPER,
            account_namespace=EVENT_NAMESPACE if is_home else None,
            namespace=EVENT_NAMESPACE,
            heartbeat=HEARTBEAT,
            workspace_namespaces=namespaces,
            node_pool=NODE_POOL,
        ),
        bound,
    )
    return [switch, rights, *([] if is_home else [_access(settings, region, providers, rights)])]


def _access(settings: Settings, region: Region, providers: Providers, rights: Resource) -> Resource:
    """Last, so that the user which it makes is bound by then."""
    args = KeeperAccessArgs(cluster=given(region.cluster.name), role_arn=_role_arn(settings), user=KEEPER)
    options = ResourceOptions(provider=providers.aws[region.name], depends_on=[rights])
    return KeeperAccess(region.name, args, options)


def _keeper(settings: Settings, event: Event, home: Region, providers: Providers, ready: list[Resource]) -> None:
    secrets = event.keeper
    litellm = (secrets.litellm_secret_name, secrets.litellm_secret_key)
    mail = (secrets.mail_secret_name, secrets.mail_secret_key)
    own = None if event.mail is None else event.mail.templates
    args = KeeperArgs(
        keeper=KEEPER,
        namespace=EVENT_NAMESPACE,
        image=given(settings.rotation.image),
        request=keep_request(settings).text(),
        role_arn=_role_arn(settings),
        secrets={
            TOKEN_VARIABLE: (secrets.coder_secret_name, secrets.coder_secret_key),
            DATABASE_VARIABLE: (secrets.database_secret_name, secrets.database_secret_key),
            **({MASTER_KEY_VARIABLE: litellm} if event.ai_parameter is not None else {}),
            **({SMTP_PASSWORD_VARIABLE: mail} if event.mail is not None and event.mail.user is not None else {}),
        },
        mail_templates=mail_templates(in_project(own) if own is not None else None),
    )
    Keeper(home.name, args, ResourceOptions(provider=providers.kubernetes[home.name], depends_on=ready))


def _door(settings: Settings, event: Event, home: Region, providers: Providers, ready: list[Resource]) -> None:
    """People's page, where it has a host. It needs none of the keeper's rights, only the namespace."""
    if event.join_host is None:
        return
    args = DoorArgs(
        door=DOOR,
        namespace=EVENT_NAMESPACE,
        host=event.join_host,
        image=given(settings.rotation.image),
        request=door_request(settings).text(),
        port=PORT,
        health_path=HEALTH_PATH,
        database_port=DATABASE_PORT,
        secrets={DATABASE_VARIABLE: (event.door.database_secret_name, event.door.database_secret_key)},
        ingress_class=event.door.ingress_class,
        certificate_arn=event.door.certificate_arn,
        certificate_secret=event.door.certificate_secret_name,
    )
    Door(home.name, args, ResourceOptions(provider=providers.kubernetes[home.name], depends_on=ready))


def _network(settings: Settings) -> tuple[int, ...]:
    """Ports that the keeper reaches: API servers and AWS, its database, Coder and LiteLLM, and the mail server."""
    urls = [urlsplit(url) for url in (coder_url(settings), given(settings.litellm_url))]
    mailing = given(settings.event).mail
    mail = () if mailing is None else (mailing.port,)
    return tuple(sorted({_HTTPS, DATABASE_PORT, *mail, *(url.port or _PORTS[url.scheme] for url in urls)}))


def _role_arn(settings: Settings) -> str:
    return f"arn:aws:iam::{settings.account}:role/{KEEPER}"
