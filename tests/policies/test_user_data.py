"""user-data: nothing that a node runs at boot changes what was judged of its kubelet."""

from __future__ import annotations

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.user_data import USER_DATA
from tests.policies.declared import node_class, patch_of
from tests.policies.expecting import by_patch, empty, exemption, refused, unknown, wrong_type

PATH = "spec.userData"
NODE_CONFIG = "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n"
FIX = f"set in spec.kubelet what it has of them, and remove them from {PATH}"


def al2023(text: str) -> Resource:
    return node_class(amiFamily="AL2023", amiSelectorTerms=[{"alias": "al2023@v20260101"}], userData=text)


def bottlerocket(text: object) -> Resource:
    return node_class(userData=text)


def sets(names: str) -> str:
    return refused(USER_DATA, f"{PATH} sets {names} of the kubelet, with which Karpenter does not count", FIX)


def not_judged(what: str, fix: str) -> str:
    return refused(USER_DATA, f"{PATH} has {what}: not judged", fix, "what was not judged may not pass")


SCRIPT = not_judged("a script, which can change the kubelet", "write a NodeConfig (application/node.eks.aws)")


def archive(*parts: tuple[str, str]) -> str:
    body = "".join(f"--//\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts)
    return f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="//"\n\n{body}--//--\n'


@pytest.mark.parametrize(
    "declared",
    [
        node_class(),
        al2023(NODE_CONFIG + "    config:\n      registryPullQPS: 30\n      serializeImagePulls: false\n"),
        al2023(NODE_CONFIG + '    flags: ["--node-labels=a=b"]\n'),
        al2023(archive(("application/node.eks.aws", NODE_CONFIG + "    config: {registryPullQPS: 30}\n"))),
        bottlerocket("[settings.kubernetes]\nregistry-qps = 30\n[settings.host-containers.admin]\nenabled = true\n"),
        bottlerocket('[settings.kernel.sysctl]\n"user.max_user_namespaces" = "16384"\n'),
    ],
)
def test_pass_with_what_sizes_nothing(declared: Resource) -> None:
    assert judge(USER_DATA, declared) == []


def test_gate_4_node_config_of_al2023() -> None:
    config = "    config:\n      maxPods: 110\n      evictionHard: {memory.available: 5Gi}\n"
    assert judge(USER_DATA, al2023(NODE_CONFIG + config)) == [sets("evictionHard, maxPods")]
    flags = '    flags: ["--max-pods=110", "--root-dir /mnt/disks"]\n'
    assert judge(USER_DATA, al2023(NODE_CONFIG + flags)) == [sets("--max-pods, --root-dir")]
    archived = archive(("application/node.eks.aws", NODE_CONFIG + config), ("text/x-shellscript", "#!/bin/sh\n"))
    assert judge(USER_DATA, al2023(archived)) == [
        sets("evictionHard, maxPods"),
        not_judged("text/x-shellscript, which can change the kubelet", "write a NodeConfig (application/node.eks.aws)"),
    ]
    two = NODE_CONFIG + "    config: {}\n---\n" + NODE_CONFIG + config
    assert judge(USER_DATA, al2023(two)) == [sets("evictionHard, maxPods")]
    disks = "spec: {instance: {localStorage: {strategy: RAID0}}}"
    assert judge(USER_DATA, al2023(disks)) == [
        refused(
            USER_DATA,
            f"{PATH} sets spec.instance.localStorage, which moves the kubelet's storage",
            f"remove spec.instance.localStorage from {PATH}",
        )
    ]


@pytest.mark.parametrize("text", ["#!/bin/bash\nset -e", "sed -i s/58/110/ /etc/kubelet.json", ": :\n\t", "- a", "a"])
def test_gate_4_scripts_are_not_judged(text: str) -> None:
    assert judge(USER_DATA, al2023(text)) == [SCRIPT]


def test_gate_4_toml_of_bottlerocket() -> None:
    eviction = '[settings.kubernetes.eviction-hard]\n"memory.available" = "15%"\n'
    assert judge(USER_DATA, bottlerocket(eviction)) == [sets("eviction-hard")]
    assert judge(USER_DATA, bottlerocket("[settings.kubernetes]\n'max-pods' = 110\nkube-reserved = {cpu = '1'}")) == [
        sets("kube-reserved, max-pods")
    ]
    assert judge(USER_DATA, bottlerocket(NODE_CONFIG)) == [
        not_judged("no TOML, which is all that Bottlerocket reads", "write TOML")
    ]
    assert judge(USER_DATA, bottlerocket("[settings.bootstrap-containers.a]\nsource = 'x'")) == [
        not_judged(
            "settings.bootstrap-containers, which can change the node",
            f"remove settings.bootstrap-containers from {PATH}",
        )
    ]
    commands = "[settings.bootstrap-commands.a]\ncommands = [['apiclient', 'set']]"
    assert len(judge(USER_DATA, bottlerocket(commands))) == 1


def test_fail_on_a_custom_family_and_on_a_patch() -> None:
    assert judge(USER_DATA, node_class(amiFamily="Custom", userData="x")) == [
        not_judged("the whole configuration of a Custom node's kubelet", f"remove {PATH}")
    ]
    assert judge(USER_DATA, patch_of(node_class(), userData="x")) == [by_patch(USER_DATA, PATH)]


def test_boundary_of_classes_that_run_no_workspaces_and_spelling() -> None:
    assert judge(USER_DATA, al2023("#!"), config={"notForWorkspaces": ["workshop-workspaces"]}) == []
    assert judge(USER_DATA, al2023(NODE_CONFIG + '    flags: ["--registry-qps=30"]\n')) == []
    assert judge(USER_DATA, al2023("\n " + archive(("text/plain", "a")))) != []


def test_unknown_text() -> None:
    assert judge(USER_DATA, bottlerocket(UNKNOWN)) == [unknown(USER_DATA, PATH)]


def test_missing_text_is_no_user_data() -> None:
    assert judge(USER_DATA, node_class()) == []


def test_wrong_type_of_text_and_flags() -> None:
    assert judge(USER_DATA, bottlerocket(1)) == [wrong_type(USER_DATA, PATH, "the number 1", "text")]
    assert judge(USER_DATA, al2023(NODE_CONFIG + "    flags: a\n")) == [
        wrong_type(USER_DATA, f"{PATH}.spec.kubelet.flags", "the text 'a'", "a list")
    ]


def test_empty_text() -> None:
    assert judge(USER_DATA, bottlerocket(" ")) == [empty(USER_DATA, PATH)]


def test_exempt() -> None:
    declared = bottlerocket("x")
    assert judge(USER_DATA, declared, exemptions=[exemption(USER_DATA, declared)]) == []


@pytest.mark.parametrize(
    "name",
    [
        "allowedUnsafeSysctls",
        "clusterDNS",
        "clusterDomain",
        "containerLogMaxFiles",
        "containerLogMaxSize",
        "eventBurst",
        "eventRecordQPS",
        "kind",
        "apiVersion",
        "kubeAPIBurst",
        "kubeAPIQPS",
        "logging",
        "maxParallelImagePulls",
        "registryBurst",
        "registryPullQPS",
        "serializeImagePulls",
        "serverTLSBootstrap",
        "shutdownGracePeriod",
        "shutdownGracePeriodCriticalPods",
    ],
)
def test_pass_with_each_setting_that_sizes_nothing(name: str) -> None:
    assert judge(USER_DATA, al2023(NODE_CONFIG + f"    config: {{{name}: 1}}\n")) == []


@pytest.mark.parametrize(
    "name", ["cluster-dns-ip", "event-qps", "registry-qps", "node-labels", "shutdown-grace-period"]
)
def test_pass_with_each_setting_of_bottlerocket_that_sizes_nothing(name: str) -> None:
    assert judge(USER_DATA, bottlerocket(f"settings.kubernetes.{name} = 1")) == []


def test_gate_4_archives_in_other_forms() -> None:
    config = NODE_CONFIG + "    config: {maxPods: 110}\n"
    without_version = archive(("application/node.eks.aws", config)).partition("\n")[2]
    assert judge(USER_DATA, al2023(without_version)) == [sets("maxPods")]
    encoded = "--//\nContent-Type: application/node.eks.aws\nContent-Transfer-Encoding: base64\n\n/////w==\n--//--\n"
    broken = f'Content-Type: multipart/mixed; boundary="//"\n\n{encoded}'
    assert judge(USER_DATA, al2023(broken)) == [SCRIPT]
