"""Random node classes and pools, the same for the same seed, as a policy and as Karpenter read them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from policies.framework.policy import Declared
from policies.pack.crossguard import declared
from policies.pack.testing import resource_args
from policies.resources.instance_labels import labels_of
from policies.resources.node_pools import ALIASES, WITH_VALUES
from tests.policies.declared import ebs, node_class, node_pool
from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.plan.storage import EPHEMERAL_DEVICES
from workshop.sandbox.json_values import Json

_AWS = "karpenter.k8s.aws/instance-"
_BOUNDS = ("Gt", "Lt", "Gte", "Lte")
_STRANGE = ("", "0", "arm64", "intel", "windows", "c7a", "us-east-2c", "99999999")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One class and one pool of it, in a region."""

    node_class: Declared
    node_pool: Declared
    region: str
    question: Json


def cases(count: int, seed: int) -> list[Case]:
    """As many cases."""
    random = Random(seed)
    return [_case(random) for _ in range(count)]


def _case(random: Random) -> Case:
    region, family = random.choice(sorted(ZONES)), random.choice(sorted(EPHEMERAL_DEVICES))
    a_class = node_class(
        amiFamily=family,
        amiSelectorTerms=[{"alias": f"{family.lower()}@v1.44.0"}],
        blockDeviceMappings=_mappings(random, EPHEMERAL_DEVICES[family]),
        kubelet=_kubelet(random),
    )
    a_pool = node_pool().with_input("spec.template.spec.requirements", _requirements(random, region))
    return Case(
        node_class=declared(resource_args(a_class, {})),
        node_pool=declared(resource_args(a_pool, {})),
        region=region,
        question={
            "class": a_class.inputs,
            "family": family,
            "pool": a_pool.inputs,
            "region": region,
            "zones": sorted(ZONES[region]),
            "instances": [_instance(name) for name in INSTANCE_TYPES],
        },
    )


def _instance(name: str) -> Json:
    labels = labels_of(name, "", ())

    def only(label: str) -> str:
        return next(iter(labels[f"{_AWS}{label}"]))

    return {
        "name": name,
        "vcpu": INSTANCE_TYPES[name].vcpu,
        "memory_mib": INSTANCE_TYPES[name].memory_gib * 1024,
        "pods": INSTANCE_TYPES[name].pods,
        "manufacturer": only("cpu-manufacturer").upper(),
        "ghz": int(only("cpu-sustained-clock-speed-mhz")) / 1000,
        "ebs_mbps": int(only("ebs-bandwidth")),
        "is_encrypting": only("encryption-in-transit-supported") == "true",
    }


def _mappings(random: Random, device: str) -> list[Json]:
    other = {"deviceName": "/dev/xvdz", "ebs": ebs(f"{random.randint(1, 900)}Gi")}
    size = random.choice([f"{random.randint(20, 2000)}Gi", f"{random.randint(20, 2000)}G", "1Ti"])
    mine = {"deviceName": device, "ebs": ebs(size)}
    return random.choice([[mine], [other, mine], [mine, other], [other]])


def _kubelet(random: Random) -> Json:
    memory = ("100Mi", "1Gi", "5%", "12.5%", "100%", "500M")
    storage = ("10%", "20%", "33.3%", "100%", "5Gi", "1G")
    reserved: tuple[dict[str, str], ...] = (
        {},
        {"cpu": "1500m"},
        {"cpu": "2", "memory": "2Gi"},
        {"memory": "700Mi", "ephemeral-storage": "3Gi"},
    )
    hard = {
        **({"memory.available": random.choice(memory)} if random.random() < 0.5 else {}),
        **({"nodefs.available": random.choice(storage)} if random.random() < 0.5 else {}),
    }
    return {
        "maxPods": random.randint(5, 110),
        **({"kubeReserved": random.choice(reserved)} if random.random() < 0.5 else {}),
        **({"systemReserved": random.choice(reserved)} if random.random() < 0.5 else {}),
        **({"evictionHard": hard} if hard else {}),
    }


def _requirements(random: Random, region: str) -> list[Json]:
    labels = [labels_of(name, region, ZONES[region]) for name in INSTANCE_TYPES]
    known = {key: sorted({value for one in labels for value in one[key]}) for key in labels[0]}
    return [_requirement(random, known) for _ in range(random.randint(1, 6))]


def _requirement(random: Random, known: dict[str, list[str]]) -> Json:
    key = random.choice(sorted(known))
    numbers = [value for value in known[key] if value.isdecimal()]
    operator = random.choice(["In", "In", "In", "NotIn", "Exists", "DoesNotExist", *(_BOUNDS if numbers else ())])
    if operator in _BOUNDS:
        around = int(random.choice(numbers)) + random.choice([-1, 0, 0, 1])
        values = [str(max(around, 0))]
    else:
        some = random.sample(known[key], random.randint(0, len(known[key])))
        values = sorted({*some, *random.sample(_STRANGE, random.randint(0 if some else 1, 1))})
    names = [key, *(alias for alias, of in ALIASES.items() if of == key)]
    fewest = random.choice([None, None, None, 1, 2, 3]) if operator in ("In", "Exists") else None
    return {
        "key": random.choice(names),
        "operator": operator,
        **({"values": values} if operator in WITH_VALUES else {}),
        **({"minValues": fewest} if fewest else {}),
    }
