"""What holds the rotation of LiteLLM's key through a window: names, moments, and each entry point's request.

An entry point of workshop.rotation gets one of the requests below as JSON, its only argument; the components that
declare its Job write the same type. No request holds a key. Images that were pinned earlier refuse fields that they do
not know, and windows are closed with them: what is new goes into an environment variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workshop.model.names import FIELD_MANAGER, MARK
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.model.settings.window import Window
from workshop.model.window.phases import Phase

NAMESPACE: Final = MARK
"""Where our own Jobs run: whoever may start pods in a workspace namespace could borrow their ServiceAccounts there."""

STORED_FIELD: Final = "LITELLM_MASTER_KEY"
"""Where ai.coder.com's own secret in AWS Secrets Manager has the key, in its JSON; ours is laid out the same."""

MASTER_KEY_VARIABLE: Final = "LITELLM_MASTER_KEY"
"""The environment variable in which the Job that issues the key finds LiteLLM's master key."""

ALERT_VARIABLE: Final = "WORKSHOP_ALERT_USD"
"""The environment variable with what the key may spend before it is worth an alert, in USD. It is not in the request:
an image that was pinned before there was such a level refuses a field that it does not know."""

KEY_ALIAS: Final = f"{MARK}-key"
"""The key's own alias: the generator, which deletes by alias, leaves it alone, and it is revoked by it. No window is in
it: a window may be moved, or cut short, without another key."""

SUSPEND_MANAGER: Final = f"{FIELD_MANAGER}-suspend"
LIMITS_MANAGER: Final = f"{FIELD_MANAGER}-limits"
"""Field managers of the patches that suspend a CronJob and close the old pool; whoever resumes releases these."""

SWITCH_GRACE: Final = timedelta(hours=1)
"""How long after the close the auto-resume CronJob waits for somebody's `up`; far more than clocks differ."""

KEY_MARGIN: Final = timedelta(hours=12)
"""How long the key outlives the window. After the close pass at most: an hour of grace, an hour to the switch's next
run, five minutes to the generator's, four hours to the swappers'; as much again for an API that is down meanwhile."""

USD_PER_USER_AND_DAY: Final = 13
"""What a developer with an agent spends on models in a day of work, on average; under 30 for 90 % of them.
Source: code.claude.com/docs/en/costs, 2026."""

ALERT_MARGIN: Final = 3
"""One key serves everybody, so an alert has to mean that something is wrong: even if all spend as the tenth most do."""

SWITCH_SCHEDULE: Final = "10-40/10 * * * *"
"""Never close to a whole hour, when the swappers run: before that the generator, which runs every five minutes, has
made a new key. Else they would copy the last one from before the window, dead by then."""


class Document(BaseModel):
    """What travels to a Job as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def text(self) -> str:
        """As JSON."""
        return self.model_dump_json(exclude_none=True)


class StoredKey(Document):
    """Where the window's key is kept: a secret in AWS Secrets Manager, with its region."""

    name: str
    region: str


class KeyCopy(Document):
    """A Secret of Kubernetes that holds the key, and the rotating CronJob beside it."""

    namespace: str
    secret_name: str
    secret_key: str
    cron_job: str


class CronJobName(Document):
    """A CronJob to run once."""

    namespace: str
    name: str


class Target(Document):
    """An object on which this project owns a field, as `manager`."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    manager: str


class Floor(Document):
    """How many pods at least KEDA keeps of what a ScaledObject scales."""

    namespace: str
    name: str
    replicas: int


class IssueRequest(Document):
    """issue: a key that lives until `until`, under an alias of its own."""

    litellm_url: str
    alias: str
    user: str
    until: AwareDatetime
    stored: StoredKey


class RevokeRequest(Document):
    """revoke: the key that was issued under this alias."""

    litellm_url: str
    alias: str


class CopyRequest(Document):
    """copy and verify: the stored key in each of these Secrets."""

    litellm_url: str
    until: AwareDatetime
    stored: StoredKey
    copies: tuple[KeyCopy, ...]


class ResumeRequest(Document):
    """resume: from `after` on, releases what is owned of the targets, in this order; then lowers the floor."""

    after: AwareDatetime
    targets: tuple[Target, ...]
    floor: Floor | None = None


class CheckRequest(Document):
    """check: one rotation, now, by these CronJobs. run: the name of the Jobs that are started for it.

    copies: the Secrets that must hold another key than the window's then.
    """

    litellm_url: str
    run: str
    cron_jobs: tuple[CronJobName, ...]
    copies: tuple[KeyCopy, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CronJob:
    """A CronJob that rotates the key."""

    namespace: str
    name: str

    @property
    def key(self) -> str:
        """How observations name it."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class RegionRotation:
    """One region's part: the generator beside LiteLLM, in the control plane's region only; a swapper and a Secret in
    each workspace namespace."""

    generators: tuple[CronJob, ...]
    swappers: tuple[CronJob, ...]

    @property
    def cron_jobs(self) -> tuple[CronJob, ...]:
        """All of them, swappers first: the order in which they resume."""
        return (*self.swappers, *self.generators)


def region_rotation(settings: Settings, region: Region) -> RegionRotation:
    """The CronJobs of one region."""
    name = settings.rotation.cron_job
    namespaces = [organization.namespace for organization in settings.organizations if region.hosts_provisioners]
    is_control_plane = region.role is Role.CONTROL_PLANE
    return RegionRotation(
        generators=(CronJob(namespace=settings.litellm.namespace, name=name),) if is_control_plane else (),
        swappers=tuple(CronJob(namespace=namespace, name=name) for namespace in namespaces),
    )


def window_id(window: Window) -> str:
    """Tells windows apart in the names of Jobs: by their close, which is what a key and a switch depend on."""
    return window.closes_at.astimezone(UTC).strftime("%Y%m%dt%H%M")


def key_expires_at(window: Window) -> datetime:
    """Until when the key has to live."""
    return (window.closes_at + KEY_MARGIN).astimezone(UTC)


def switch_fires_after(window: Window) -> datetime:
    """From when on the switch resumes what nobody has resumed."""
    return (window.closes_at + SWITCH_GRACE).astimezone(UTC)


def holds_rotation(phase: Phase | None) -> bool:
    """Whether rotation is suspended in this phase."""
    return phase is not None and phase.is_in_window


def issue_request(settings: Settings) -> IssueRequest:
    """The request of the Job beside LiteLLM. Raises ValueError where a setting is missing."""
    window = given(settings.window)
    return IssueRequest(
        litellm_url=given(settings.litellm_url),
        alias=KEY_ALIAS,
        user=settings.rotation.user,
        until=key_expires_at(window),
        stored=stored_key(settings),
    )


def alert_usd(settings: Settings) -> int:
    """What the key may spend before it is worth an alert: three times what its users are expected to."""
    days = ceil(given(settings.window).duration / timedelta(days=1))
    return ALERT_MARGIN * USD_PER_USER_AND_DAY * settings.users * days


def revoke_request(settings: Settings) -> RevokeRequest:
    """The request of the Job that revokes the key. Raises ValueError where a setting is missing."""
    return RevokeRequest(litellm_url=given(settings.litellm_url), alias=KEY_ALIAS)


def copy_request(settings: Settings, region: Region) -> CopyRequest:
    """The request of a region's Jobs that copy and verify. Raises ValueError where a setting is missing."""
    return CopyRequest(
        litellm_url=given(settings.litellm_url),
        until=key_expires_at(given(settings.window)),
        stored=stored_key(settings),
        copies=key_copies(settings, region),
    )


def key_copies(settings: Settings, region: Region) -> tuple[KeyCopy, ...]:
    """The Secrets of a region that hold the key."""
    rotation = settings.rotation
    return tuple(
        KeyCopy(
            namespace=swapper.namespace,
            secret_name=rotation.secret,
            secret_key=rotation.secret_key,
            cron_job=rotation.cron_job,
        )
        for swapper in region_rotation(settings, region).swappers
    )


def resume_request(settings: Settings, region: Region, floor: Floor | None = None) -> ResumeRequest:
    """The request of a region's auto-resume CronJob: swappers, generator, old pool, and the floor of provisioners that
    follow the queue. Raises ValueError as above."""
    cron_jobs = (
        Target(api_version="batch/v1", kind="CronJob", namespace=one.namespace, name=one.name, manager=SUSPEND_MANAGER)
        for one in region_rotation(settings, region).cron_jobs
    )
    pool = Target(
        api_version="karpenter.sh/v1",
        kind="NodePool",
        name=settings.workspaces.previous_node_pool,
        manager=LIMITS_MANAGER,
    )
    return ResumeRequest(after=switch_fires_after(given(settings.window)), targets=(*cron_jobs, pool), floor=floor)


def check_requests(settings: Settings, region: Region) -> tuple[CheckRequest, CheckRequest]:
    """The requests of a region's Jobs that rotate once: generators', then swappers'; either may have no CronJob."""
    rotation = region_rotation(settings, region)
    run = f"{MARK}-check-{window_id(given(settings.window))}"
    url = given(settings.litellm_url)

    def names(cron_jobs: tuple[CronJob, ...]) -> tuple[CronJobName, ...]:
        return tuple(CronJobName(namespace=one.namespace, name=one.name) for one in cron_jobs)

    return (
        CheckRequest(litellm_url=url, run=run, cron_jobs=names(rotation.generators)),
        CheckRequest(litellm_url=url, run=run, cron_jobs=names(rotation.swappers), copies=key_copies(settings, region)),
    )


def stored_key(settings: Settings) -> StoredKey:
    """Where the window's key is kept: in the control plane's region."""
    control_plane = next(region for region in settings.regions if region.role is Role.CONTROL_PLANE)
    return StoredKey(name=settings.rotation.stored_as, region=control_plane.name)
