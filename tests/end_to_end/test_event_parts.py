"""What an event leaves to run: declared once, kept until its date, fired where the keeper is silent, and released."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest

from tests.end_to_end.sandbox import REGIONS, Ran, workshop
from tests.model.given import structure
from tests.sandbox.servers_for_tests import running
from workshop.model.event.dead_man import DeadManRequest
from workshop.model.names import DEAD_MAN, EVENT_NAMESPACE, KEEPER, MARK, NODE_POOL, STOPPED_ANNOTATION
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import Kubelet

pytestmark = pytest.mark.slow

EVENT = {"name": "october", "template": "coder/docker", "latest_end": "4h", "budget_usd": 200}
BUCKET = "ai-coder-workshop-123456789012-october"
CRON_JOB = f"{MARK}-{DEAD_MAN}"
_boto3: Json = import_module("boto3")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("event")) as paths:
        yield paths


def set_event(paths: SandboxPaths, event: Mapping[str, object] | None, *, starts_in: timedelta, **more: object) -> None:
    start = (datetime.now(UTC) + starts_in).isoformat(timespec="minutes")
    config = {"workshop:users": "20", "workshop:window": json.dumps({"start": start, "duration": "4h"})}
    if event is not None:
        config["workshop:event"] = json.dumps(event)
    config |= {f"workshop:{key}": json.dumps(value) for key, value in more.items()}
    write_whole(paths.overrides, json.dumps({"sandbox": config}))


def aws(paths: SandboxPaths, service: str) -> Json:
    session = _boto3.Session(aws_access_key_id=token_of(paths), aws_secret_access_key=token_of(paths))
    below = "/eks" if service == "eks" else ""
    return session.client(service, region_name="us-east-2", endpoint_url=f"{paths.aws_endpoint}{below}")


def get(paths: SandboxPaths, context: str, api_version: str, kind: str, name: str) -> Manifest | None:
    store = ManifestStore(paths.clusters / context)
    known = kind_of(api_version, kind)
    return store.get(known, EVENT_NAMESPACE if known.is_namespaced else None, name)


def refusal(ran: Ran) -> str:
    assert ran.exit_code != 0
    return json.dumps(ran.document)


def test_from_the_announcement_to_its_end(sandbox: SandboxPaths) -> None:
    set_event(sandbox, EVENT, starts_in=timedelta(days=7))
    announced = workshop(sandbox, "up")
    assert announced.exit_code == 0, announced.document["error"]
    keeper = get(sandbox, "coder-ohio", "apps/v1", "Deployment", KEEPER)
    assert keeper is not None
    assert keeper["spec"]["strategy"] == {"type": "Recreate"}
    assert get(sandbox, "coder-oregon", "apps/v1", "Deployment", KEEPER) is None
    for context in REGIONS.values():
        assert get(sandbox, context, "batch/v1", "CronJob", CRON_JOB) is not None
    with closing(aws(sandbox, "s3")) as s3:
        assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
        s3.put_object(Bucket=BUCKET, Key="october/07/work.tar.gz", Body=b"work")
    assert workshop(sandbox, "up").changed == frozenset()

    # Nobody takes the keeper away from under its people.
    set_event(sandbox, None, starts_in=timedelta(days=7))
    assert "event october in us-east-2" in refusal(workshop(sandbox, "up"))
    set_event(sandbox, {**EVENT, "name": "november"}, starts_in=timedelta(days=7))
    assert "the settings have event november" in refusal(workshop(sandbox, "up"))

    # A cluster's switch does nothing beforehand, and stops the pool where the end has passed and the keeper is silent.
    set_event(sandbox, EVENT, starts_in=timedelta(days=7))
    store = ManifestStore(sandbox.clusters / "coder-oregon")
    fired = Kubelet(sandbox, "coder-oregon", store).run_cron_job(EVENT_NAMESPACE, CRON_JOB)
    assert fired["status"]["succeeded"] == 1
    pool = get(sandbox, "coder-oregon", "karpenter.sh/v1", "NodePool", NODE_POOL)
    assert pool is not None
    assert pool["spec"]["limits"]["cpu"] != "0"
    fired = Kubelet(sandbox, "coder-oregon", store).run(_long_after_its_end(store))
    assert fired["status"]["succeeded"] == 1
    pool = get(sandbox, "coder-oregon", "karpenter.sh/v1", "NodePool", NODE_POOL)
    assert pool is not None
    assert pool["spec"]["limits"]["cpu"] == "0"
    assert "annotate nodepool workshop-workspaces ai-coder-workshop/stopped-" in refusal(workshop(sandbox, "up"))

    # Cleared as the refusal says, the next one gives it room again.
    assert pool["metadata"]["annotations"][STOPPED_ANNOTATION].startswith("october ")
    metadata = {"name": NODE_POOL, "annotations": {STOPPED_ANNOTATION: ""}}
    cleared: Manifest = {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": metadata}
    store.apply(cleared, "kubectl-annotate", force=True)
    again = workshop(sandbox, "up")
    assert again.exit_code == 0, again.document["error"]
    pool = get(sandbox, "coder-oregon", "karpenter.sh/v1", "NodePool", NODE_POOL)
    assert pool is not None
    assert pool["spec"]["limits"]["cpu"] != "0"

    released = workshop(sandbox, "destroy")
    assert released.exit_code == 0, released.document["error"]
    for context in REGIONS.values():
        assert get(sandbox, context, "v1", "Namespace", EVENT_NAMESPACE) is None
        assert get(sandbox, context, "batch/v1", "CronJob", CRON_JOB) is None
    with closing(aws(sandbox, "s3")) as s3, closing(aws(sandbox, "iam")) as iam:
        assert s3.get_object(Bucket=BUCKET, Key="october/07/work.tar.gz")["Body"].read() == b"work"
        assert s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"]
        assert s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"][0]["Expiration"] == {"Days": 31}
        with pytest.raises(iam.exceptions.NoSuchEntityException):
            iam.get_role(RoleName=KEEPER)

    # The same event again takes over what was kept.
    adopted = {**structure("adopt"), "us-east-2-saved-work": BUCKET}
    set_event(sandbox, EVENT, starts_in=timedelta(days=7), adopt=adopted)
    anew = workshop(sandbox, "up")
    assert anew.exit_code == 0, anew.document["error"]
    with closing(aws(sandbox, "s3")) as s3:
        assert s3.get_object(Bucket=BUCKET, Key="october/07/work.tar.gz")["Body"].read() == b"work"
    assert workshop(sandbox, "up").changed == frozenset()


def _long_after_its_end(store: ManifestStore) -> Manifest:
    """The CronJob's Job, as if the event had ended long ago."""
    cron_job = store.get(kind_of("batch/v1", "CronJob"), EVENT_NAMESPACE, CRON_JOB)
    assert cron_job is not None
    spec = cron_job["spec"]["jobTemplate"]["spec"]
    container = spec["template"]["spec"]["containers"][0]
    request = DeadManRequest.model_validate_json(container["args"][1])
    container["args"][1] = request.model_copy(update={"after": datetime(2020, 1, 1, tzinfo=UTC)}).text()
    job: Manifest = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "fired", "namespace": EVENT_NAMESPACE},
    }
    return store.create({**job, "spec": spec}, "kube-controller-manager")
