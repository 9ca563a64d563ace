"""Constrained types of single settings; the message of each says what is needed."""

from __future__ import annotations

import difflib
import re
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer

from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.settings.errors import MOMENT_FORMAT, Misspelt


def _matching(pattern: str, needed: str) -> AfterValidator:
    """Text that matches a pattern; needed: the pattern in plain English."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"must be {needed}")
        return value

    return AfterValidator(check)


_MOMENT: Final = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def _moment(value: object) -> object:
    """Reads a date and time of this century; pydantic alone would take numbers for seconds since 1970."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError(f"must be a date and time with its offset from UTC, in quotes: {MOMENT_FORMAT}")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date and time that exist") from None


def _duration(value: object) -> object:
    """Reads 90m, 4h or 1h30m."""
    match = re.fullmatch(r"(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?", value) if isinstance(value, str) and value else None
    if match is None:
        raise ValueError("must be hours and minutes, such as 90m, 4h or 1h30m")
    hours, minutes = match.groups(default="0")
    return timedelta(hours=int(hours), minutes=int(minutes))


def written(time: timedelta) -> str:
    """As settings have it, to the minute: 90m is 1h30m, four hours are 4h."""
    hours, minutes = divmod(time // timedelta(minutes=1), 60)
    return f"{f'{hours}h' if hours else ''}{f'{minutes}m' if minutes or not hours else ''}"


def _known_instance_type(name: str) -> str:
    """An instance type whose size and price are in the catalogue."""
    if name not in INSTANCE_TYPES:
        raise ValueError(f"must be one of {', '.join(sorted(INSTANCE_TYPES))} (workshop/model/data/instances.json)")
    return name


def _aws_region(name: str) -> str:
    """An AWS region, by the scheme of their names: AWS has more than the ones whose prices are known here."""
    if not _REGION.fullmatch(name):
        close = difflib.get_close_matches(name, sorted(ZONES), n=1)
        raise Misspelt(
            f"must be an AWS region, such as {close[0] if close else 'us-east-2'}", close[0] if close else None
        )
    return name


_REGION: Final = re.compile(
    r"(af|ap|ca|cn|eu|eusc-de|il|me|mx|sa|us|us-gov)-"
    r"(central|north|northeast|northwest|south|southeast|southwest|east|west)-[0-9]"
)
"""Geography, direction and number (AWS General Reference, Regions and endpoints)."""


def between(least: timedelta, most: timedelta) -> AfterValidator:
    """A duration within bounds, both included, named as durations are written."""

    def check(value: timedelta) -> timedelta:
        if not least <= value <= most:
            raise ValueError(f"must be from {_hours_and_minutes(least)} to {_hours_and_minutes(most)}")
        return value

    return AfterValidator(check)


def _hours_and_minutes(duration: timedelta) -> str:
    minutes = duration // timedelta(minutes=1)
    return f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"


_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

Fqdn = Annotated[
    str,
    _matching(rf"(?=.{{1,253}}$)({_LABEL}\.)+{_LABEL}", "a domain name in lower case, such as ai.coder.com"),
]
Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(written, str, when_used="json")]
Name = Annotated[str, _matching(_LABEL, "a Kubernetes name: lower-case letters, digits and dashes, 63 at most")]
AccountId = Annotated[str, _matching(r"[0-9]{12}", "the 12 digits of an AWS account, in quotes")]
AwsRegion = Annotated[str, AfterValidator(_aws_region)]
Zone = Annotated[str, _matching(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]", "an availability zone, such as us-east-2c")]
Digest = Annotated[
    str, _matching(r"sha256:[0-9a-f]{64}", "the digest of an image index: sha256: and 64 hex digits in lower case")
]
"""The digest of an image index (not of one platform's manifest)."""
CLUSTER: Final = "cluster:"
NOWHERE: Final = "none"
Database = Annotated[
    str,
    _matching(
        r"(cluster:)?[A-Za-z][A-Za-z0-9-]{0,62}",
        "the identifier of an RDS instance, such as coder, cluster:NAME, or none",
    ),
]
"""Where snapshots of a database are looked for; none: nowhere, it is not on RDS."""
ImageName = Annotated[
    str, _matching(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+", "registry and name, such as ghcr.io/coder/coder-preview")
]
Tag = Annotated[str, _matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "an image tag, such as latest")]
RoleName = Annotated[str, _matching(r"[A-Za-z0-9_+=,.@-]{1,64}", "the name of an IAM role, not its ARN")]
InstanceTypeName = Annotated[str, AfterValidator(_known_instance_type), Field(examples=["c6a.4xlarge"])]
AmiVersion = Annotated[str, _matching(r"v?[0-9][A-Za-z0-9_.-]{0,63}", "an AMI version, such as 1.44.0; never latest")]
ZoneId = Annotated[str, _matching(r"[0-9a-f]{32}", "the zone's id: 32 hex digits")]
Device = Annotated[str, _matching(r"/dev/(xvd|sd)[a-z]{1,2}[0-9]{0,2}", "a block device, such as /dev/xvdb")]
Text = Annotated[str, _matching(r"(?=.*\S)[^\x00-\x1f\x7f]{1,256}", "one line of text")]
Schedule = Annotated[
    str,
    _matching(
        r"[0-9*][0-9*,/-]*( [0-9*][0-9*,/-]*){4}", "a cron schedule of five fields of numbers, such as '17 */6 * * *'"
    ),
]
Repository = Annotated[str, _matching(r"[a-z0-9]+([._/-][a-z0-9]+)*", "an ECR repository name, such as base-ws")]
SecretKey = Annotated[str, _matching(r"[A-Za-z0-9._-]{1,253}", "a key of a Secret: letters, digits, dots and dashes")]
Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=1, le=1000)]
Vcpu = Annotated[int, Field(ge=0, le=1_000_000)]
LoopbackUrl = Annotated[
    str, _matching(r"http://127\.0\.0\.1:[0-9]{1,5}(/[!-~]*)?", "on loopback, such as http://127.0.0.1:47800")
]
Url = Annotated[str, _matching(r"https?://[!-~]{1,250}", "a URL, such as https://prometheus.example.com")]

HttpsUrl = Annotated[
    str, _matching(r"https://[a-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?", "a URL, such as https://litellm.example.com")
]
ImageDigest = Annotated[
    str,
    _matching(
        r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}",
        "registry, name and digest of an image, such as ghcr.io/example/rotation@sha256:...",
    ),
]
OidcIssuer = Annotated[
    str,
    _matching(
        r"[a-z0-9.-]+(/[A-Za-z0-9._-]+)*",
        "the cluster's OIDC issuer without https://, such as oidc.eks.us-east-2.amazonaws.com/id/0123456789ABCDEF",
    ),
]
SecretName = Annotated[
    str, _matching(r"[A-Za-z0-9/_+=.@-]{1,500}", "a name in AWS Secrets Manager, such as workshop/litellm-key")
]

AdmissionAction = Literal["warn", "deny"]
"""What API servers do about what is wrong: warn whoever applies it and the audit log, or refuse it."""

AmiFamily = Literal["Bottlerocket", "AL2023"]
"""Operating system of workspace nodes, as Karpenter names it."""
