"""The registries' API as the OCI distribution specification and ECR have it; what is pushed AWS's API shows."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from boto3.session import Session  # pyright: ignore[reportMissingTypeStubs]

from tests.sandbox.servers_for_tests import running
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.servers.registries.publish import publish

pytestmark = pytest.mark.slow

OHIO = "123456789012.dkr.ecr.us-east-2.amazonaws.com"
TYPE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
UPLOADS = "blobs/uploads/"


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Registry:
    paths: SandboxPaths
    client: httpx.Client
    ecr: Any

    def send(self, method: str, path: str, content: bytes = b"", **headers: str) -> httpx.Response:
        """Below a repository of the control plane's registry, or at a path of its own."""
        url = path if path.startswith("/") else f"/v2/{OHIO}/pushed/{path}"
        return self.client.request(
            method, url, content=content, headers={**headers, "Content-Length": str(len(content))}
        )

    def push_blob(self, content: bytes) -> httpx.Response:
        begun = self.send("POST", UPLOADS)
        return self.send("PUT", f"{begun.headers['Location']}?digest={digest(content)}", content)

    def push_manifest(self, reference: str, content: str = "{}", **more: object) -> httpx.Response:
        """One whose only blob is its configuration."""
        config = {"mediaType": "application/json", "digest": digest(content.encode()), "size": len(content)}
        document: dict[str, Any] = {"schemaVersion": 2, "mediaType": TYPE, "config": config, "layers": [], **more}
        body = json.dumps(document).encode()
        at = digest(body) if reference == "digest" else reference
        return self.send("PUT", f"manifests/{at}", body, **{"Content-Type": TYPE})

    def code(self, answer: httpx.Response) -> tuple[int, str]:
        return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Generator[Registry]:
    with running(tmp_path_factory.mktemp("registries")) as paths:
        token, session = token_of(paths), Session()
        made: Any = session
        ecr = made.client(
            "ecr",
            region_name="us-east-2",
            endpoint_url=paths.aws_endpoint,
            aws_access_key_id=token,
            aws_secret_access_key=token,
        )
        ecr.create_repository(
            repositoryName="pushed",
            imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
            imageTagMutabilityExclusionFilters=[{"filter": "latest", "filterType": "WILDCARD"}],
        )
        encoded = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        user, _, password = base64.b64decode(encoded).decode().partition(":")
        with httpx.Client(base_url=paths.aws_endpoint, auth=(user, password)) as client:
            yield Registry(paths, client, ecr)
        ecr.close()


def test_who_shows_no_password_is_asked_for_one(registry: Registry) -> None:
    for auth in (None, ("AWS", "wrong"), ("AWS", "")):
        answer = httpx.get(f"{registry.paths.aws_endpoint}/v2/", auth=auth)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert registry.send("GET", "/v2/").status_code == 200


def test_a_blob_comes_in_one_piece_or_in_several_and_is_read_in_parts(registry: Registry) -> None:
    content = b"0123456789" * 1000
    assert registry.send("HEAD", f"blobs/{digest(content)}").status_code == 404
    location = registry.send("POST", UPLOADS).headers["Location"]
    assert registry.send("PATCH", location, content[:4000]).headers["Range"] == "0-3999"
    assert registry.send("PATCH", location, b"x", **{"Content-Range": "100-100"}).status_code == 416
    assert registry.send("GET", location).headers["Range"] == "0-3999"
    assert registry.send("PATCH", location, content[4000:], **{"Content-Range": "4000-9999"}).status_code == 202
    assert registry.send("PUT", f"{location}?digest={digest(content)}").status_code == 201
    assert registry.send("GET", f"blobs/{digest(content)}").content == content
    part = registry.send("GET", f"blobs/{digest(content)}", Range="bytes=10-19")
    assert (part.status_code, part.content, part.headers["Content-Range"]) == (206, b"0123456789", "bytes 10-19/10000")
    assert registry.send("POST", f"{UPLOADS}?mount={digest(content)}&from=pushed").status_code == 201
    assert registry.push_blob(b"whole").status_code == 201


def test_content_that_is_not_its_digest_is_refused_and_an_upload_can_be_cancelled(registry: Registry) -> None:
    location = registry.send("POST", UPLOADS).headers["Location"]
    wrong = registry.send("PUT", f"{location}?digest={digest(b'other')}", b"content")
    assert registry.code(wrong) == (400, "DIGEST_INVALID")
    assert registry.send("DELETE", location).status_code == 204
    assert registry.code(registry.send("PATCH", location, b"more")) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_a_manifest_without_its_parts_is_refused(registry: Registry) -> None:
    assert registry.code(registry.push_manifest("v0", "never sent")) == (400, "BLOB_UNKNOWN")
    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"digest": digest(b"none")}]}).encode()
    refused = registry.send("PUT", "manifests/v0", body, **{"Content-Type": INDEX})
    assert registry.code(refused) == (400, "MANIFEST_BLOB_UNKNOWN")
    assert registry.code(registry.send("PUT", "manifests/v0", b"no json")) == (400, "MANIFEST_INVALID")
    other = registry.send("PUT", f"manifests/{digest(b'other')}", b"{}")
    assert registry.code(other) == (400, "DIGEST_INVALID")


def test_what_is_pushed_is_in_ecr_and_the_other_way_round(registry: Registry) -> None:
    registry.push_blob(b"{}")
    pushed = registry.push_manifest("v1").headers["Docker-Content-Digest"]
    untagged = registry.push_manifest("digest", annotations={"a": "b"}).headers["Docker-Content-Digest"]
    details = registry.ecr.describe_images(repositoryName="pushed")["imageDetails"]
    assert {one["imageDigest"]: one.get("imageTags", []) for one in details} == {pushed: ["v1"], untagged: []}

    body = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"digest": pushed}]})
    registry.ecr.put_image(repositoryName="pushed", imageManifest=body, imageTag="put")
    answer = registry.send("GET", "manifests/put")
    assert (answer.text, answer.headers["Content-Type"]) == (body, INDEX)
    assert registry.send("HEAD", "manifests/put").headers["Docker-Content-Digest"] == digest(body.encode())
    assert registry.send("GET", "tags/list").json() == {"name": "pushed", "tags": ["put", "v1"]}
    page = registry.send("GET", "tags/list?n=1")
    assert page.json()["tags"] == ["put"]
    assert 'rel="next"' in page.headers["Link"]


def test_a_tag_moves_only_where_it_may_and_whom_it_leaves_stays(registry: Registry) -> None:
    registry.push_blob(b"{}")
    first = registry.push_manifest("fixed", annotations={"n": "1"}).headers["Docker-Content-Digest"]
    assert registry.push_manifest("fixed", annotations={"n": "1"}).status_code == 201  # the same again
    assert registry.code(registry.push_manifest("fixed", annotations={"n": "2"})) == (400, "TAG_INVALID")
    left = registry.push_manifest("latest", annotations={"n": "3"}).headers["Docker-Content-Digest"]
    registry.push_manifest("latest", annotations={"n": "4"})
    assert registry.send("HEAD", "manifests/fixed").headers["Docker-Content-Digest"] == first
    assert registry.send("HEAD", f"manifests/{left}").status_code == 200


def test_referrers_are_found_by_their_subject_and_nothing_is_deleted_here(registry: Registry) -> None:
    registry.push_blob(b"{}")
    subject = registry.push_manifest("signed", annotations={"n": "5"}).headers["Docker-Content-Digest"]
    descriptor = {"mediaType": TYPE, "digest": subject, "size": 1}
    made = registry.push_manifest("digest", artifactType="application/x", subject=descriptor)
    assert made.headers["OCI-Subject"] == subject
    (listed,) = registry.send("GET", f"referrers/{subject}").json()["manifests"]
    assert listed["digest"] == made.headers["Docker-Content-Digest"]
    assert listed["artifactType"] == "application/x"
    assert registry.code(registry.send("DELETE", f"manifests/{subject}")) == (405, "UNSUPPORTED")


def test_no_repository_is_made_by_a_push_and_no_other_account_is_here(registry: Registry) -> None:
    assert registry.code(registry.send("POST", f"/v2/{OHIO}/unknown/{UPLOADS}")) == (404, "NAME_UNKNOWN")
    other = OHIO.replace("123456789012", "210987654321")
    assert registry.code(registry.send("GET", f"/v2/{other}/pushed/tags/list")) == (403, "DENIED")


def test_all_of_it_is_there_after_a_restart(registry: Registry) -> None:
    registry.push_blob(b"{}")
    pushed = registry.push_manifest("kept", annotations={"n": "6"}).headers["Docker-Content-Digest"]
    published = publish(registry.paths, "registry.example.com/a/b", "1", made_image("v1"))
    stop(registry.paths)
    ensure_running(registry.paths)
    assert registry.send("HEAD", "manifests/kept").headers["Docker-Content-Digest"] == pushed
    assert registry.send("GET", f"blobs/{digest(b'{}')}").content == b"{}"
    there = registry.send("HEAD", "/v2/registry.example.com/a/b/manifests/1")
    assert there.headers["Docker-Content-Digest"] == published
