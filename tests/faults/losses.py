"""What exists against what the state says of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from workshop.sandbox.data_folder import token_of
from workshop.sandbox.engine.state.deployment import State, StateFile
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import is_provider, urn_of_reference
from workshop.sandbox.engine.values import plain
from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.paths import SandboxPaths

REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
STACK = "sandbox"
_UNSTEADY = ("uid", "resourceVersion", "creationTimestamp", "generation", "time")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Key = tuple[str, ...]
"""What tells one provider object from all others: kind, place, name."""


@dataclass(frozen=True, kw_only=True)
class World:
    """objects: what exists, by key, twice where it is there twice. state: every record, by URN."""

    objects: tuple[tuple[Key, str], ...]
    state: tuple[tuple[str, str], ...]


def look(paths: SandboxPaths) -> World:
    """What exists, asked of the running server and the clusters, and what the state says."""
    state = StateFile(paths.stacks / f"{STACK}.json").load()
    records = sorted(
        (f"{record.urn} {'to be deleted' if record.delete else ''}", json.dumps(plain(record.inputs), sort_keys=True))
        for record in state.records.values()
    )
    return World(objects=tuple(sorted(_objects(paths))), state=tuple(records))


def untracked(paths: SandboxPaths, before: World) -> list[Key]:
    """Objects that are new, and of which the state knows nothing: neither a record nor a pending operation."""
    state = StateFile(paths.stacks / f"{STACK}.json").load()
    records = [*state.records.values(), *(operation.record for operation in state.pending.values())]
    known = {key_of(record, state) for record in records if record.custom and not is_provider(record.type)}
    return sorted({key for key, _ in _objects(paths)} - {key for key, _ in before.objects} - known)


def differences(found: World, wanted: World) -> list[str]:
    """In what an end state is unlike that of a run which nothing disturbed."""
    told = [f"{key} is there {n} times" for key, n in Counter(key for key, _ in found.objects).items() if n > 1]
    for name, left, right in (("exists", found.objects, wanted.objects), ("in the state", found.state, wanted.state)):
        told += [f"{name}, and should not: {item}" for item in sorted(set(left) - set(right))]
        told += [f"{name} no more: {item}" for item in sorted(set(right) - set(left))]
    return told


def unsettled(paths: SandboxPaths) -> list[str]:
    """What a run that went through leaves undone: pending operations, a journal."""
    file = StateFile(paths.stacks / f"{STACK}.json")
    pending = [f"pending: {operation.kind} {urn}" for urn, operation in file.load().pending.items()]
    return [*pending, *([f"{file.journal.name} is still there"] if file.journal.exists() else [])]


def key_of(record: Record, state: State) -> Key:
    """The key of the object that a record stands for."""
    inputs: Mapping[str, Json] = plain(record.inputs)
    kind = record.type.rpartition(":")[2]
    if record.type.startswith("cloudflare:"):
        return kind, inputs["zoneId"], inputs["type"], inputs["name"]
    if record.type.startswith("aws:"):
        return kind, inputs["region"], str(inputs.get("name") or inputs.get("repository"))
    provider = state.live(urn_of_reference(record.provider))
    metadata: Mapping[str, str] = inputs["metadata"]
    context = plain(provider.inputs)["context"] if provider else "?"
    return kind.removesuffix("Patch"), context, metadata.get("namespace", ""), metadata["name"]


def _objects(paths: SandboxPaths) -> Iterator[tuple[Key, str]]:
    for path in sorted(paths.clusters.glob("*/*/**/*.yaml")):
        manifest: Json = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # a safe one
        metadata = manifest["metadata"]
        context = path.relative_to(paths.clusters).parts[0]
        key = manifest["kind"], context, metadata.get("namespace", ""), metadata["name"]
        yield key, json.dumps(_steady(manifest), sort_keys=True)
    zones: Json = json.loads(paths.cloudflare_file.read_text(encoding="utf-8"))
    for zone, records in zones["records"].items():
        for record in records.values():
            facts = {name: value for name, value in record.items() if name != "id" and not name.endswith("_on")}
            yield ("DnsRecord", zone, record["type"], record["name"]), json.dumps(facts, sort_keys=True)
    for region in REGIONS:
        for repository in _ecr(paths, region, "DescribeRepositories", {})["repositories"]:
            name = repository["repositoryName"]
            facts = {key: value for key, value in repository.items() if key != "createdAt"}
            tags = _ecr(paths, region, "ListTagsForResource", {"resourceArn": repository["repositoryArn"]})["tags"]
            yield ("Repository", region, name), json.dumps([facts, sorted(map(json.dumps, tags))], sort_keys=True)
            policy = _ecr(paths, region, "GetLifecyclePolicy", {"repositoryName": name}).get("lifecyclePolicyText")
            if policy:
                yield ("LifecyclePolicy", region, name), policy
        rules = _ecr(paths, region, "DescribeRegistry", {})["replicationConfiguration"]
        if rules["rules"]:
            yield ("ReplicationConfiguration", region, "None"), json.dumps(rules, sort_keys=True)


def _steady(value: Json) -> Json:
    """Without what is different each time."""
    if is_mapping(value):
        return {key: _steady(item) for key, item in value.items() if key not in _UNSTEADY}
    return [_steady(item) for item in value] if is_list(value) else value


def _ecr(paths: SandboxPaths, region: str, action: str, body: Mapping[str, Json]) -> Json:
    request = urllib.request.Request(
        paths.aws_endpoint,
        json.dumps(body).encode(),
        {
            "X-Amz-Target": f"AmazonEC2ContainerRegistry_V20150921.{action}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={token_of(paths)}/20250101/{region}/ecr/aws4_request",
        },
    )
    try:
        with urllib.request.urlopen(request) as response:
            return json.loads(response.read())
    except urllib.error.HTTPError as refused:
        refused.close()
        return {}
