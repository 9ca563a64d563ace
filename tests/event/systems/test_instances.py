"""The workshop's nodes as EC2 lists them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from tests.model.given import settings
from workshop.event.failure import EventFailure
from workshop.event.systems.instances import ec2_client, instances_of_pool, terminate
from workshop.model.ledger import NodeRun
from workshop.model.names import NODE_POOL
from workshop.model.settings.stack import Settings
from workshop.observe.aws_clients import aws_client

OHIO = "us-east-2"


def given(url: str) -> Settings:
    return settings(endpoints={"aws": url, "cloudflare": url}, kubeconfig=os.devnull)


def launch(asked: Settings, tags: Mapping[str, str], region: str = OHIO) -> str:
    specification = {"ResourceType": "instance", "Tags": [{"Key": key, "Value": tags[key]} for key in tags]}
    with aws_client(asked, "ec2", region) as client:
        answer = client.run_instances(
            ImageId="ami-12c6146b",
            InstanceType="c6a.4xlarge",
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[specification],
        )
        return answer["Instances"][0]["InstanceId"]


def by_instance(asked: Settings, now: datetime, region: str = OHIO) -> dict[str, NodeRun]:
    with aws_client(asked, "ec2", region) as client:
        return {one.run.instance: one.run for one in instances_of_pool(client, region, now)}


def test_those_of_our_pool_are_seen_until_they_have_ended(moto: str) -> None:
    asked = given(moto)
    ours, gone = (launch(asked, {"karpenter.sh/nodepool": NODE_POOL}) for _ in range(2))
    theirs = (launch(asked, {"karpenter.sh/nodepool": "coder-ws-all"}), launch(asked, {"Name": "a"}))
    elsewhere = launch(asked, {"karpenter.sh/nodepool": NODE_POOL}, "us-west-2")
    with aws_client(asked, "ec2", OHIO) as client:
        terminate(client, gone)
        terminate(client, "i-0123456789abcdef0")  # forgotten

    now = datetime.now(UTC) + timedelta(minutes=1)
    found = by_instance(asked, now)
    assert found.keys() >= {ours, gone}
    assert not found.keys() & {*theirs, elsewhere}
    assert (found[ours].region, found[ours].instance_type, found[ours].ended_at) == (OHIO, "c6a.4xlarge", None)
    assert timedelta(0) < now - found[ours].launched_at < timedelta(minutes=10)
    assert found[gone].ended_at == now
    assert by_instance(asked, now, "us-west-2").keys() == {elsewhere}


def test_without_an_answer_it_says_why() -> None:
    with aws_client(given("http://127.0.0.1:9"), "ec2", OHIO) as client:
        with pytest.raises(EventFailure, match=r"^EC2 did not answer: Could not connect to the endpoint"):
            instances_of_pool(client, OHIO, datetime.now(UTC))
        with pytest.raises(EventFailure, match=r"^EC2 did not terminate i-1: Could not connect to the endpoint"):
            terminate(client, "i-1")


def test_a_look_waits_for_no_region_by_the_minute() -> None:
    """What boto3 does by itself, a minute for each of five tries, and as long to connect."""
    session: Any = import_module("boto3").session.Session(aws_access_key_id="x", aws_secret_access_key="x")
    config = ec2_client(session, OHIO).meta.config
    assert config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout) <= 30
