"""Attacks on the sandbox's port: by whoever knows no token, by pages, by paths, and with calls that moto would run."""

from __future__ import annotations

import http.client
import json
import stat
from collections.abc import Generator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.sandbox.doors.other_user import as_other_user
from tests.sandbox.servers_for_tests import bearer, running
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.aws.actions import SERVICES
from workshop.sandbox.servers.aws.request import AwsRequest

pytestmark = pytest.mark.slow

SERVERS = {
    "AWS": "/",
    "moto": "/moto-api/data.json",
    "Cloudflare": "/client/v4/zones",
    "clusters": "/clusters/coder-ohio/api/v1/secrets",
    "version": "/clusters/coder-ohio/version",
    "LiteLLM": "/litellm/key/info",
    "Coder": "/coder/api/v2/organizations",
    "Coder's version": "/coder/api/v2/buildinfo",
    "Coder's health": "/coder/healthz",
    "Prometheus": "/prometheus/api/v1/targets",
    "Alertmanager": "/alertmanager/api/v2/alerts",
    "registries": "/v2/ghcr.io/coder/coder-preview/manifests/latest",
    "status": "/sandbox/status",
}

Answer = tuple[int, str, Mapping[str, str]]


def ask(
    paths: SandboxPaths, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    """Sends the path as it is, which httpx and others would tidy up."""
    connection = http.client.HTTPConnection("127.0.0.1", paths.port, timeout=300)
    try:
        given = dict(headers or {})
        connection.putrequest(method, path, skip_host="Host" in given, skip_accept_encoding=True)
        for name, value in (given | {"Content-Length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), dict(answer.headers)
    finally:
        connection.close()


def signed(paths: SandboxPaths, service: str, token: str | None = None) -> dict[str, str]:
    scope = f"{token_of(paths) if token is None else token}/20250101/us-east-2/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}


@pytest.mark.parametrize("server", SERVERS)
def test_whoever_shows_no_token_is_refused_by_every_server(sandbox: SandboxPaths, server: str) -> None:
    path, token = SERVERS[server], token_of(sandbox)
    for wrong in ("", "x", "sandbox", token[:-1], f"{token}x", "sk-sandbox", "é"):
        for headers in (
            {"Authorization": f"Bearer {wrong}"},
            {"Coder-Session-Token": wrong},
            signed(sandbox, "iam", wrong),
            {"Authorization": f"Basic {wrong}"},
        ):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
                status, text, _ = ask(sandbox, path, method, headers=headers)
                assert status in (401, 403) or (server == "LiteLLM" and status == 404), (headers, method)
                assert str(sandbox.folder) not in text
                assert token not in text
    if server != "LiteLLM":
        assert ask(sandbox, path, headers=bearer(sandbox) | {"Coder-Session-Token": token})[0] not in (401, 403)


def test_litellm_answers_strangers_only_whether_it_lives(sandbox: SandboxPaths) -> None:
    assert ask(sandbox, "/litellm/health/liveliness")[0] == 200
    for key in ("sk-sandbox", "sk-", token_of(sandbox)):
        status, _, _ = ask(sandbox, "/litellm/key/generate", "POST", b"{}", {"Authorization": f"Bearer {key}"})
        assert status == 401
    assert ask(sandbox, "/litellm/health/liveliness", headers={"Origin": "http://a.test"})[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test:80", "0.0.0.0", "[::2]", "", "[", "169.254.1.1"]
)
def test_a_name_that_only_leads_here_is_refused(sandbox: SandboxPaths, host: str) -> None:
    for path in SERVERS.values():
        assert ask(sandbox, path, headers=bearer(sandbox) | {"Host": host})[0] in (400, 403)


def test_loopback_is_answered_by_its_names(sandbox: SandboxPaths) -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", f"127.0.0.1:{sandbox.port}", f"LOCALHOST:{sandbox.port}"):
        assert ask(sandbox, "/sandbox/status", headers=bearer(sandbox) | {"Host": host})[0] == 200


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_a_page_is_refused_and_told_nothing(sandbox: SandboxPaths, header: dict[str, str]) -> None:
    for path in SERVERS.values():
        for method in ("GET", "POST", "OPTIONS"):
            status, _, headers = ask(sandbox, path, method, headers=bearer(sandbox) | header)
            assert status == 403
            assert not [name for name in headers if name.lower().startswith("access-control")]


def test_a_page_of_its_own_and_an_address_typed_in_are_not_cross_site(sandbox: SandboxPaths) -> None:
    for site in ("none", "same-origin"):
        assert ask(sandbox, "/sandbox/status", headers=bearer(sandbox) | {"Sec-Fetch-Site": site})[0] == 200


TRAVERSALS = ("..", "%2e%2e", ".%2E", "%252e%252e", "..%2f..", "..%5c..", "%5c..%5c", ".", "%2e", "%00", "..%00", "%2f")


@pytest.mark.parametrize("step", TRAVERSALS)
@pytest.mark.parametrize(
    "path",
    [
        "/clusters/{}/api/v1/namespaces",
        "/clusters/coder-ohio/api/v1/namespaces/{}",
        "/clusters/coder-ohio/api/v1/namespaces/{}/pods",
        "/clusters/coder-ohio/api/v1/namespaces/{}/pods/a",
        "/clusters/coder-ohio/api/v1/namespaces/default/secrets/{}",
        "/clusters/coder-ohio/apis/apps/v1/namespaces/{}/deployments/{}",
        "/clusters/coder-ohio/apis/{}/v1/x",
        "/v2/{}",
        "/v2/{}/a/manifests/latest",
        "/v2/ghcr.io/a/{}/manifests/latest",
        "/v2/ghcr.io/coder/coder-preview/manifests/{}",
        "/v2/ghcr.io/coder/coder-preview/blobs/uploads/{}",
        "/client/v4/zones/{}/dns_records",
        "/coder/api/v2/{}",
        "/litellm/{}",
        "/prometheus/{}",
        "/alertmanager/{}",
        "/sandbox/{}",
        "/{}/token",
    ],
)
def test_no_path_leads_elsewhere(sandbox: SandboxPaths, path: str, step: str) -> None:
    for method in ("GET", "PATCH"):
        assert ask(sandbox, path.replace("{}", step), method, headers=bearer(sandbox))[0] == 404


@pytest.fixture
def marker(shared_folder: Path) -> Generator[Path]:
    """What code that an attack runs would make."""
    file = shared_folder / "ran"
    yield file
    assert not file.exists()


def test_code_in_a_template_does_not_run(sandbox: SandboxPaths, marker: Path) -> None:
    template = f"!!python/object/apply:os.mkdir ['{marker}']"
    for action in ("GetTemplateSummary", "CreateStack", "ValidateTemplate"):
        body = urlencode({"Action": action, "Version": "2010-05-15", "StackName": "a", "TemplateBody": template})
        for service in ("cloudformation", "iam", "sts", "ec2", "ecr", "s3", ""):
            headers = signed(sandbox, service) | {"Content-Type": "application/x-www-form-urlencoded"}
            for path in ("/", "/?Action=GetRole", "/cloudformation"):
                assert ask(sandbox, path, "POST", body.encode(), headers)[0] == 404


@pytest.mark.parametrize(
    ("service", "headers", "path", "body"),
    [
        ("sts", {}, "/", "Action=GetCallerIdentity&Action=AssumeRole"),
        ("sts", {}, "/?Action=GetCallerIdentity", ""),
        ("sts", {}, "/?Action=AssumeRole", "Action=GetCallerIdentity"),
        ("sts", {}, "/moto-api/reset", "Action=GetCallerIdentity"),
        ("sts", {"X-Amz-Target": "secretsmanager.GetSecretValue"}, "/", "{}"),
        ("ecr", {"X-Amz-Target": "secretsmanager.DescribeRepositories"}, "/", "{}"),
        ("ecr", {"X-Amz-Target": "DescribeRepositories"}, "/", "{}"),
        ("ecr", {}, "/", "Action=DescribeRepositories"),
        ("lambda", {}, "/2015-03-31/functions", "{}"),
        ("s3", {}, "/bucket?acl", ""),
        ("s3", {}, "/", ""),
        ("ec2", {}, "/", "Action=CreateKeyPair"),
        ("", {}, "/moto-api/reset", ""),
        ("iam", {}, "/moto-api/recorder/start-recording", ""),
        ("ecr/x", {"X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"}, "/", "{}"),
    ],
)
def test_only_what_the_project_uses_reaches_moto(
    sandbox: SandboxPaths, service: str, headers: dict[str, str], path: str, body: str
) -> None:
    before = sandbox.aws_record.read_text()
    for method in ("POST", "GET", "PUT", "DELETE"):
        status, _, _ = ask(sandbox, path, method, body.encode(), signed(sandbox, service) | headers)
        assert status in (401, 404)  # 401: the credential is none that AWS's clients write
    assert sandbox.aws_record.read_text() == before


def test_every_allowed_action_is_one_that_moto_or_the_sandbox_has(sandbox: SandboxPaths) -> None:
    for service, allowed in SERVICES.items():
        for action in allowed.actions:
            if allowed.target:
                headers, body = {"X-Amz-Target": f"{allowed.target}.{action}"}, "{}"
            else:
                headers, body = {"Content-Type": "application/x-www-form-urlencoded"}, f"Action={action}"
            if action.startswith(("Describe", "List", "Get")):
                status, text, _ = ask(sandbox, "/", "POST", body.encode(), signed(sandbox, service) | headers)
                assert status != 404 or "the sandbox has no" not in text, action
                assert "has not been implemented" not in text, action


def test_forbidden_lines_of_a_record_are_left_out_and_told(shared_folder: Path, marker: Path) -> None:
    with running(shared_folder / "old") as paths:
        stop(paths)
        line = paths.aws_record.read_text().splitlines()[1]
        body = urlencode(
            {"Action": "GetTemplateSummary", "TemplateBody": f"!!python/object/apply:os.mkdir ['{marker}']"}
        )
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        evil = AwsRequest.model_validate_json(line).model_copy(
            update={"service": "cloudformation", "headers": form, "body": body}
        )
        recorder = evil.model_copy(update={"service": "", "path": "/moto-api/recorder/start-recording", "body": ""})
        with paths.aws_record.open("a") as record:
            record.writelines(f"{one.model_dump_json()}\n" for one in (evil, recorder))
        ensure_running(paths)
        log = paths.server_log.read_text()
        assert "left out: the sandbox has no 'POST cloudformation:GetTemplateSummary'" in log
        assert "left out: the sandbox has no 'POST (unsigned):/moto-api/recorder/start-recording'" in log
        assert ask(paths, "/", "POST", b"Action=GetCallerIdentity", signed(paths, "sts"))[0] == 200


def test_the_data_folder_is_its_owners_alone(sandbox: SandboxPaths) -> None:
    headers = {"Authorization": f"Bearer sk-{token_of(sandbox)}", "Content-Type": "application/json"}
    assert ask(sandbox, "/litellm/key/generate", "POST", b"{}", headers)[0] == 200
    assert stat.S_IMODE(sandbox.folder.stat().st_mode) == 0o700
    assert len(token_of(sandbox)) == 40
    open_to_others = [path for path in sandbox.folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    left = {path.name for path in open_to_others}
    assert left <= {"start.lock"}  # empty
    for secret in ("token", "kubeconfig", "aws.jsonl", "server.json", "cloudflare.json", "litellm.json"):
        assert (sandbox.folder / secret).stat().st_mode & 0o777 == 0o600


_ATTEMPTS = """
folder, port, token = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
for name in ("", "token", "kubeconfig", "aws.jsonl", "clusters/coder-ohio", "server.json"):
    try:
        os.listdir(folder / name) if name in ("", "clusters/coder-ohio") else (folder / name).read_bytes()
        print("READ", name)
    except PermissionError:
        pass
try:
    (folder / "faults.json").write_text("{}")
    print("WROTE")
except PermissionError:
    pass
for shown in ("", "sandbox", token):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/clusters/coder-ohio/api/v1/secrets", headers={"Authorization": "Bearer " + shown})
        print(connection.getresponse().status)
    except OSError:
        print("hung up")
"""


@pytest.mark.root
def test_another_user_reads_writes_and_asks_nothing(sandbox: SandboxPaths) -> None:
    """Not even with the token, had it leaked: the kernel says whose connection it is."""
    said = as_other_user(_ATTEMPTS, str(sandbox.folder), str(sandbox.port), token_of(sandbox))
    assert said.splitlines() == ["hung up"] * 3


def test_the_status_is_the_owners(sandbox: SandboxPaths) -> None:
    status, text, _ = ask(sandbox, "/sandbox/status", headers=bearer(sandbox))
    assert (status, json.loads(text)["folder"]) == (200, str(sandbox.folder))
