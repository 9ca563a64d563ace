"""Examples of components with other arguments: what a setting or a phase changes."""

from __future__ import annotations

from dataclasses import replace

from pulumi import ResourceHook

from components.admission import Admission
from components.dns_records import DnsRecord, DnsRecords
from components.event.door import Door
from components.exporter import Exporter
from components.image_registry import ImageRegistry
from components.monitoring.scraping import Scraping
from components.rotation.admission import RotationAdmission
from components.rotation.auto_resume import RotationSwitch
from components.rotation.check import RotationCheck
from components.rotation.key import RotationKey
from components.rotation.suspension import RotationSuspension
from components.warm_nodes import WarmNodes
from components.workspace_nodes import WorkspaceNodes
from tests.components import event_examples, rotation_examples
from tests.components.examples import ADMISSION, NODES, RECORDS, REGISTRY, Example, allow
from tests.components.monitoring_examples import WATCHING, WITHOUT_OPERATOR
from tests.components.scaling_examples import FROM_AFAR
from tests.components.warm_example import WARM

CLOSED_FOR_ALL = replace(ADMISSION, action="deny")
ADOPTED_NODES = replace(
    NODES,
    ami_family="AL2023",
    device="/dev/xvda",
    adopt={"us-east-2-class": "workshop-workspaces", "us-east-2-pool": "workshop-workspaces"},
    annotations={},
    hold=None,
)
ADOPTED_REGISTRY = replace(REGISTRY, adopt={"us-east-2-base-ws": "base-ws", "us-east-2-replication": "123456789012"})
DESTINATION = replace(REGISTRY, replications=())
ZONE_FILE = replace(
    RECORDS,
    records=(
        DnsRecord(
            resource="coderdemo-www",
            host="www.coderdemo.io",
            kind="A",
            target="192.0.2.1",
            ttl_seconds=1,
            comment=None,
            is_proxied=True,
        ),
        replace(RECORDS.records[0], resource="coderdemo-old", is_retiring=True),
    ),
    adopt={"coderdemo-www": "0123456789abcdef0123456789abcdef/fedcba9876543210fedcba9876543210"},
)
BOUNDED = replace(rotation_examples.KEY, permissions_boundary="ai-coder-workshop-boundary")
RESUMED = replace(rotation_examples.SUSPENSION, is_suspended=False)
GENERATORS = replace(rotation_examples.CHECK, step="check-generator", secret_name=None)

OTHER_INGRESS = replace(
    event_examples.DOOR, ingress_class="nginx", certificate_arn=None, certificate_secret="join-certificate"
)
LOWERING = replace(rotation_examples.SWITCH, scaled_object=("coder-ws", "ai-coder-workshop-provisioners"))
BOUND_LOWERING = replace(rotation_examples.ADMISSION, scaled_objects="coder-ws")

NO_IMAGES = replace(WARM, images=(), pull_secrets=())

VARIANTS = (
    Example(
        kind=RotationKey,
        case="bounded",
        args=BOUNDED,
        package="aws",
        declare=lambda opts: RotationKey("us-east-2", BOUNDED, opts),
    ),
    Example(
        kind=Admission,
        case="denies",
        args=CLOSED_FOR_ALL,
        package="kubernetes",
        declare=lambda opts: Admission("us-east-2", CLOSED_FOR_ALL, opts),
    ),
    Example(
        kind=WorkspaceNodes,
        case="adopted-outside-the-window",
        args=ADOPTED_NODES,
        package="kubernetes",
        declare=lambda opts: WorkspaceNodes("us-east-2", ADOPTED_NODES, ResourceHook("is-empty", allow), opts),
    ),
    Example(
        kind=Exporter,
        case="from-afar",
        args=FROM_AFAR,
        package="kubernetes",
        declare=lambda opts: Exporter("us-east-2", FROM_AFAR, opts),
    ),
    Example(
        kind=Exporter,
        case="watching",
        args=WATCHING,
        package="kubernetes",
        declare=lambda opts: Exporter("us-east-2", WATCHING, opts),
    ),
    Example(
        kind=Scraping,
        case="without-the-operator",
        args=WITHOUT_OPERATOR,
        package="kubernetes",
        declare=lambda opts: Scraping("us-east-2", WITHOUT_OPERATOR, opts),
    ),
    Example(
        kind=RotationSwitch,
        case="lowering-a-floor",
        args=LOWERING,
        package="kubernetes",
        declare=lambda opts: RotationSwitch("us-east-2", LOWERING, opts),
    ),
    Example(
        kind=RotationAdmission,
        case="lowering-a-floor",
        args=BOUND_LOWERING,
        package="kubernetes",
        declare=lambda opts: RotationAdmission("us-east-2", BOUND_LOWERING, opts),
    ),
    Example(
        kind=WarmNodes,
        case="without-images",
        args=NO_IMAGES,
        package="kubernetes",
        declare=lambda opts: WarmNodes("us-east-2", NO_IMAGES, opts),
    ),
    Example(
        kind=ImageRegistry,
        case="adopted",
        args=ADOPTED_REGISTRY,
        package="aws",
        declare=lambda opts: ImageRegistry("us-east-2", ADOPTED_REGISTRY, opts),
    ),
    Example(
        kind=ImageRegistry,
        case="replicates-to-none",
        args=DESTINATION,
        package="aws",
        declare=lambda opts: ImageRegistry("us-west-2", DESTINATION, opts),
    ),
    Example(
        kind=DnsRecords,
        case="of-a-zone-file",
        args=ZONE_FILE,
        package="cloudflare",
        declare=lambda opts: DnsRecords("coderdemo", ZONE_FILE, opts),
    ),
    Example(
        kind=RotationSuspension,
        case="resumed",
        args=RESUMED,
        package="kubernetes",
        declare=lambda opts: RotationSuspension("us-east-2", RESUMED, opts),
    ),
    Example(
        kind=Door,
        case="behind-another-ingress",
        args=OTHER_INGRESS,
        package="kubernetes",
        declare=lambda opts: Door("us-east-2", OTHER_INGRESS, opts),
    ),
    Example(
        kind=RotationCheck,
        case="of-generators",
        args=GENERATORS,
        package="kubernetes",
        declare=lambda opts: RotationCheck("us-east-2-generator", GENERATORS, opts),
    ),
)
