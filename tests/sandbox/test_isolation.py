from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.isolation import drop_credentials, is_loopback, refuse_real_stack
from workshop.sandbox.problem import SandboxProblem

REAL_LOOKING = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "example",
    "AWS_PROFILE": "production",
    "AWS_ENDPOINT_URL": "https://sts.us-east-2.amazonaws.com",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
    "KUBECONFIG": "/home/engineer/.kube/config",
    "KUBERNETES_SERVICE_HOST": "10.100.0.1",
    "CLOUDFLARE_API_TOKEN": "v1.0-example",
    "CLOUDFLARE_BASE_URL": "https://api.cloudflare.com/client/v4",
    "PULUMI_ACCESS_TOKEN": "pul-example",
    "HTTPS_PROXY": "http://proxy.example.com:3128",
    "https_proxy": "http://proxy.example.com:3128",
}


def in_isolation(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program that has isolated itself first, with real-looking variables set: the block can't be undone."""
    start = (
        "from workshop.sandbox.isolation import isolate\n"
        "from workshop.sandbox.paths import SandboxPaths\n"
        "isolate('sandbox', SandboxPaths.from_environment())\n"
    )
    environment = {**os.environ, **REAL_LOOKING, "WORKSHOP_SANDBOX_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", start + program], env=environment, capture_output=True, text=True, check=False
    )


def test_credentials_and_addresses_of_real_systems_are_dropped(tmp_path: Path) -> None:
    environment = {**REAL_LOOKING, "PATH": "/usr/bin", "HOME": "/home/engineer"}
    drop_credentials(environment, sandbox_paths(tmp_path))
    assert environment == {
        "PATH": "/usr/bin",
        "HOME": "/home/engineer",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "WORKSHOP_PREFLIGHT_DIR": str(tmp_path / "preflight"),
        "NO_PROXY": "*",
        "no_proxy": "*",
    }


def test_what_an_isolated_process_starts_has_none_either(tmp_path: Path) -> None:
    """The policy pack is such a process."""
    result = in_isolation(
        "import subprocess, sys\n"
        'show = \'import os; print(sorted(n for n in os.environ if n.startswith(("AWS_", "CLOUDFLARE_"))))\'\n'
        "subprocess.run([sys.executable, '-c', show], check=True)",
        tmp_path,
    )
    assert result.stdout.strip() == "['AWS_CONFIG_FILE', 'AWS_EC2_METADATA_DISABLED', 'AWS_SHARED_CREDENTIALS_FILE']"


def test_boto3_finds_no_credentials(tmp_path: Path) -> None:
    credentials = tmp_path / ".aws" / "credentials"
    credentials.parent.mkdir()
    credentials.write_text("[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = example\n")
    result = in_isolation(
        f"import os\nos.environ['HOME'] = {str(tmp_path)!r}\nimport boto3\nprint(boto3.Session().get_credentials())",
        tmp_path,
    )
    assert result.stdout.strip() == "None", result.stderr


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('203.0.113.7', 443), timeout=1)",
        "import socket; socket.getaddrinfo('api.cloudflare.com', 443)",
        "import socket; socket.gethostbyname('sts.amazonaws.com')",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('203.0.113.7', 53))",
        "import socket; socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))",
        "import socket; socket.socket().bind(('', 0))",
        "import httpx; httpx.get('https://api.cloudflare.com/client/v4/zones')",
        "import boto3; boto3.client('sts', region_name='us-east-2', aws_access_key_id='a', aws_secret_access_key='b')"
        ".get_caller_identity()",
    ],
)
def test_connections_beyond_this_machine_are_blocked(attempt: str, tmp_path: Path) -> None:
    result = in_isolation(attempt, tmp_path)
    assert result.returncode != 0
    assert "SandboxProblem: the sandbox was about to reach" in result.stderr


def test_loopback_and_unix_sockets_stay_open(tmp_path: Path) -> None:
    result = in_isolation(
        "import os, socket\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(('localhost', listener.getsockname()[1])).close()\n"
        f"path = {str(tmp_path / 'socket')!r}\n"
        "unix = socket.socket(socket.AF_UNIX); unix.bind(path); unix.listen()\n"
        "socket.socket(socket.AF_UNIX).connect(path)\n"
        "print('reached')",
        tmp_path,
    )
    assert result.stdout.strip() == "reached", result.stderr


@pytest.mark.parametrize("stack", ["workshop", "prod", "sandboxed", "my-sandbox", "Sandbox", "sandbox ", "sandbox-"])
def test_a_real_stack_is_refused_with_the_command_for_it(stack: str) -> None:
    with pytest.raises(SandboxProblem, match="is not a sandbox stack") as refusal:
        refuse_real_stack(stack)
    assert str(refusal.value).endswith(f"pulumi up --stack {stack}")


@pytest.mark.parametrize("stack", ["sandbox", "sandbox-anna", "sandbox-1.2_x"])
def test_a_sandbox_stack_is_not(stack: str) -> None:
    refuse_real_stack(stack)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.1.2.3", True), (b"::1", True), ("LOCALHOST", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_loopback_is_told_from_the_rest(host: str | bytes, expected: bool) -> None:
    assert is_loopback(host) is expected
