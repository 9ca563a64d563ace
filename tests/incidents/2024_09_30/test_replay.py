"""30 September 2024: the gate names each cause with its fix, and passes when the fixes that it names are applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.incidents.replay import Reason, replay

HERE = Path(__file__).parent
USERS = 11
CAUSES = frozenset({"provisioners", "storage", "images", "dns", "rotation"})
WORKSPACES = ("coder-ws", "coder-ws-experiment", "coder-ws-demo")
PROXIES = ("us-west-2", "eu-west-2")
REGIONS = ("us-east-2", *PROXIES)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reason, ...]:
    return replay(HERE, tmp_path_factory.mktemp("day") / "state.json", users=USERS, fixed=frozenset())


def reasons(day: tuple[Reason, ...], policy: str) -> dict[str, str]:
    return {reason.resource: reason.message for reason in day if reason.policy == policy}


def test_six_provisioners_for_eleven_users_are_named_with_the_fix(day: tuple[Reason, ...]) -> None:
    assert reasons(day, "replica-floor") == {
        f"{region}-coder-ws": "spec.replicas of coder-ws/coder-provisioner is 6, must be 8 or more for 11 users; "
        "builds and requests queue while participants wait: set spec.replicas to 8"
        for region in REGIONS
    }


def test_swapped_volumes_are_named_with_the_fix(day: tuple[Reason, ...]) -> None:
    assert reasons(day, "ephemeral-device") == {
        f"{region}-class": "the workspace volume is on /dev/xvda (1400 GiB), Bottlerocket's kubelet uses /dev/xvdb "
        "(50 GiB); workspaces would be evicted when the kubelet's own volume fills: give /dev/xvdb the volumeSize of "
        "/dev/xvda, and that one what the system needs"
        for region in REGIONS
    }
    assert reasons(day, "storage-headroom") == {
        f"{region}-class": "spec.blockDeviceMappings[1] (/dev/xvdb) gives 44 GiB allocatable, of which 3 workspaces, "
        "images and logs take 80 GiB at peak; more than 60 % must stay free; a node whose storage fills up evicts its "
        "workspaces, and their files are gone: set spec.blockDeviceMappings[1].ebs.volumeSize to 224Gi or more"
        for region in REGIONS
    }


def test_the_proxies_other_image_is_named_with_the_fix(day: tuple[Reason, ...]) -> None:
    found = reasons(day, "image-parity")

    assert set(found) == {f"{region}-proxy-image" for region in PROXIES}
    assert all(message.endswith(": declare one digest for all of them") for message in found.values())
    assert set(reasons(day, "image-pinned")) == set(found)


def test_incomplete_dns_is_named_with_the_fix(day: tuple[Reason, ...]) -> None:
    missing = [reason.message for reason in day if reason.policy == "dns-records"]

    assert missing == [
        "'*.oregon-proxy.ai.coder.com' has no record; participants of us-west-2 reach another region or nothing: "
        "declare its CNAME record, with content coder-oregon.elb.us-west-2.amazonaws.com",
        "'*.emea-proxy.ai.coder.com' has no record; participants of eu-west-2 reach another region or nothing: "
        "declare its CNAME record, with content coder-london.elb.eu-west-2.amazonaws.com",
    ]


def test_rotation_in_the_window_is_named_with_the_fix(day: tuple[Reason, ...]) -> None:
    found = reasons(day, "rotation-held")

    assert set(found) == {f"{region}-{namespace}-rotation" for region in REGIONS for namespace in WORKSPACES} | {
        "us-east-2-litellm-rotation"
    }
    message = found["us-west-2-coder-ws-rotation"]
    assert message.startswith("spec.suspend of coder-ws/rotate-key is false, must be true: the window is open until ")
    assert message.endswith(
        "; a new key restarts workspaces, and the old one stops working under those who use it: "
        "set spec.suspend to true"
    )


def test_it_passes_with_every_named_fix(tmp_path: Path) -> None:
    assert replay(HERE, tmp_path / "state.json", users=USERS, fixed=CAUSES) == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cause", "policies"),
    [
        ("provisioners", {"replica-floor"}),
        ("storage", {"ephemeral-device", "storage-headroom"}),
        ("images", {"image-parity", "image-pinned"}),
        ("dns", {"dns-records", "expected-resources"}),
        ("rotation", {"rotation-held"}),
    ],
)
def test_each_cause_is_refused_by_itself(tmp_path: Path, cause: str, policies: set[str]) -> None:
    rest = CAUSES - {cause}

    found = replay(HERE, tmp_path / "state.json", users=USERS, fixed=rest)
    assert {reason.policy for reason in found} == policies
