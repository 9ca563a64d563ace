"""AWS as Karpenter's AWS provider asks it, by AWS's own client."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from boto3.session import Session  # pyright: ignore[reportMissingTypeStubs]
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

from workshop.model.instances import INSTANCE_TYPES
from workshop.model.rehearsal.notices import Instance, is_retired
from workshop.rehearsal.losses import Queues
from workshop.sandbox.clusters.control_plane import free_port
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.servers.ec2.account import Account, RegionAccount

OHIO = RegionAccount(
    name="us-east-2",
    zones=("us-east-2c",),
    subnet_tag=("subnet.coder.io/owned-by", "coder-ohio"),
    security_group_tag=("karpenter.sh/discovery", "coder-ohio"),
    node_role="coder-ohio-karpenter-node",
    ami_version="1.44.0",
    queue="coder-ohio-kptr",
)
TOKEN = "0123456789abcdef"
PARAMETER = "/aws/service/bottlerocket/aws-k8s-1.35/x86_64/1.44.0/image_id"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    file, port = tmp_path_factory.mktemp("ec2") / "account.json", free_port()
    file.write_text(Account(id="123456789012", token=TOKEN, regions=(OHIO,)).model_dump_json(), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "workshop.sandbox.servers.ec2", str(file), str(port)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            for _ in range(600):
                try:
                    httpx.get(f"http://127.0.0.1:{port}")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def client(endpoint: str, service: str, token: str = TOKEN) -> Any:  # noqa: ANN401 - boto3 has no types
    session: Any = Session(aws_access_key_id=token, aws_secret_access_key="x", region_name=OHIO.name)
    return session.client(service, endpoint_url=endpoint)


def test_what_a_node_class_names_is_there(endpoint: str) -> None:
    ec2 = client(endpoint, "ec2")
    wanted = [{"Name": f"tag:{OHIO.subnet_tag[0]}", "Values": [OHIO.subnet_tag[1]]}]
    assert [one["AvailabilityZone"] for one in ec2.describe_subnets(Filters=wanted)["Subnets"]] == ["us-east-2c"]
    wanted = [{"Name": f"tag:{OHIO.security_group_tag[0]}", "Values": [OHIO.security_group_tag[1]]}]
    assert len(ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]) == 1
    image = client(endpoint, "ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    (found,) = ec2.describe_images(Filters=[{"Name": "image-id", "Values": [image]}])["Images"]
    assert found["Architecture"] == "x86_64"
    iam = client(endpoint, "iam")
    iam.create_instance_profile(InstanceProfileName="one")
    iam.add_role_to_instance_profile(InstanceProfileName="one", RoleName=OHIO.node_role)


@pytest.mark.parametrize(
    "name", [PARAMETER.replace("x86_64", "arm64"), PARAMETER.replace("1.44.0", "1.45.0"), "/other"]
)
def test_there_is_no_other_image(endpoint: str, name: str) -> None:
    with pytest.raises(ClientError, match="ParameterNotFound"):
        client(endpoint, "ssm").get_parameter(Name=name)


def test_every_type_is_on_offer_at_the_plan_s_prices(endpoint: str) -> None:
    ec2 = client(endpoint, "ec2")
    types = {one["InstanceType"] for one in ec2.describe_instance_types(MaxResults=100)["InstanceTypes"]}
    assert types > INSTANCE_TYPES.keys()
    assert len(types) > 1000
    shared, metal = (
        client(endpoint, "pricing").get_products(
            ServiceCode="AmazonEC2",
            Filters=[
                {"Type": "TERM_MATCH", "Field": "regionCode", "Value": OHIO.name},
                {"Type": "TERM_MATCH", "Field": "tenancy", "Value": tenancy},
            ],
        )["PriceList"]
        for tenancy in ("Shared", "Dedicated")
    )
    price = str(INSTANCE_TYPES["c6a.4xlarge"].usd_per_hour[OHIO.name])
    assert any('"c6a.4xlarge"' in one and f'"USD": "{price}"' in one for one in shared)
    assert any('"c6a.metal"' in one for one in metal)
    spot = ec2.describe_spot_price_history()["SpotPriceHistory"]
    assert {one["InstanceType"] for one in spot} == {
        name for name, one in INSTANCE_TYPES.items() if OHIO.name in one.usd_per_hour
    }


def test_what_aws_says_of_an_instance_is_on_the_queue_until_it_is_read(endpoint: str) -> None:
    """Written as a rehearsal does, and read as Karpenter does."""
    notice = is_retired(Instance(account="123456789012", region=OHIO.name, id="i-0abc"), datetime.now(UTC))
    queues = Queues(account="123456789012", token=TOKEN, endpoint=endpoint, names={OHIO.name: OHIO.queue})
    queues.send(OHIO.name, notice)
    sqs = client(endpoint, "sqs")
    url = sqs.get_queue_url(QueueName=OHIO.queue)["QueueUrl"]
    asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": 20}
    (message,) = sqs.receive_message(**asked, WaitTimeSeconds=20)["Messages"]
    assert json.loads(message["Body"]) == notice
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(**asked)
    with pytest.raises(ClientError, match="UnknownOperation"):
        sqs.create_queue(QueueName="another")


def test_nothing_else_is_answered_and_nobody_else_is(endpoint: str) -> None:
    ec2 = client(endpoint, "ec2")
    assert ec2.describe_capacity_reservations()["CapacityReservations"] == []
    assert ec2.describe_placement_groups()["PlacementGroups"] == []
    for call in (ec2.describe_vpcs, lambda: ec2.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1)):
        with pytest.raises(Exception, match="here"):  # an answer that is no error of AWS's
            call()
    assert httpx.get(endpoint).status_code == 403
    with pytest.raises(ClientError, match="403"):
        client(endpoint, "ssm", token="another").get_parameter(Name=PARAMETER)
