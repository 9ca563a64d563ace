"""template-images: what nodes pull beforehand is what templates' workspaces run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.checks.coder.test_coder import ORGANIZATIONS
from tests.checks.coder.test_coder_kinds import HIDDEN, ROLE, said
from tests.checks.coder.test_event import EVENT
from tests.checks.quick import Answers
from tests.event.coder.replay import record
from workshop.checks.coder.template_images import TemplateImagesPulled
from workshop.sandbox.servers.coder.answers.templates import archive
from workshop.sandbox.servers.coder.state import Template

A, B = (f"example.com/base@sha256:{digit * 64}" for digit in "ab")
FILE = "11111111-1111-1111-1111-111111111111"
WEB: dict[str, Any] = record("323-template-by-name").response_body
VERSION = f"Coder GET /api/v2/templateversions/{WEB['active_version_id']}"


def tar(*images: str) -> bytes:
    pods = ((f'resource "kubernetes_pod" "p{number}"', image) for number, image in enumerate(images))
    return packed(
        "".join(f"{pod} {{\n  spec {{\n    container {{\n      image = {of}\n    }}\n  }}\n}}\n" for pod, of in pods)
    )


def packed(terraform: str) -> bytes:
    return archive(Template(organization="o", region="r", vcpu=1, memory_gib=1, storage_gib=1, terraform=terraform))


def answers(content: bytes | None, *variables: dict[str, str]) -> Answers:
    return {
        "Coder GET /api/v2/organizations": ORGANIZATIONS,
        "Coder GET /api/v2/templates": (200, [WEB]),
        "Coder GET /api/v2/organizations/id-coder/templates/web": (200, WEB),
        VERSION: (200, {"job": {"file_id": FILE}}),
        f"{VERSION}/variables": (200, list(variables)),
        f"Coder GET /api/v2/files/{FILE}": HIDDEN if content is None else (200, content),
    }


def look(content: bytes | None, *images: str, **values: Any) -> tuple[str, str, str]:  # noqa: ANN401 - as settings()
    return said(TemplateImagesPulled(), answers(content), arrival={"images": images}, **values)


@pytest.mark.parametrize("values", [{}, {"event": {**EVENT, "template": "coder/web"}}], ids=["every", "the-events"])
def test_images_that_nodes_pull(values: dict[str, Any]) -> None:
    assert look(tar(f'"{A}"', f'"{B}"'), A, B, **values) == ("go", "2 images of 1 template", "")


def test_an_image_of_another_name_and_the_same_digest_is_there_already() -> None:
    mirrored = A.replace("example.com", "123456789012.dkr.ecr.us-east-2.amazonaws.com")
    assert look(tar(f'"{mirrored}"'), A)[0] == "go"


def test_each_that_is_missing_has_the_command_that_adds_it() -> None:
    verdict, found, fix = look(tar(f'"{A}"', f'"{B}"'), A)
    assert (verdict, found) == ("warning", f"{WEB['name']} runs {B}")
    assert fix == f"pulumi config set --path 'workshop:arrival.images[1]' {B}"
    assert look(tar(f'"{A}"', f'"{B}"'))[2].count("pulumi config set") == 2


@pytest.mark.parametrize(
    ("image", "problem"),
    [
        ('"base:latest"', "web runs base:latest, by a tag, which may be another image by then"),
        ("each.value", "web works its image out as ${each.value}, which is not read here"),
    ],
)
def test_what_no_setting_helps(image: str, problem: str) -> None:
    verdict, found, fix = look(tar(image))
    assert (verdict, found) == ("warning", problem.replace("web", WEB["name"], 1))
    assert fix == "name images by digest, in the template and in workshop:arrival.images"


def test_variables_have_the_versions_values() -> None:
    given = answers(tar("var.image"), {"name": "image", "value": A}, {"name": "secret", "value": ""})
    assert said(TemplateImagesPulled(), given, arrival={"images": (A,)})[:2] == ("go", "1 image of 1 template")


def test_four_problems_are_three_and_one_more() -> None:
    assert look(tar(*(f'"base:{n}"' for n in range(4))))[1].endswith("; and 1 more")


def test_who_may_not_read_is_told_the_role() -> None:
    verdict, found, fix = look(None)
    assert (verdict, found) == ("inconclusive", "Coder does not let this token read the Terraform of templates (404)")
    assert fix.startswith(ROLE)


@pytest.mark.parametrize(
    "content", [b"no archive", packed("resource {"), packed('image = "\x00'), tar('"a"')[:700]], ids=range(4)
)
def test_an_archive_or_terraform_that_is_broken_is_inconclusive(content: bytes) -> None:
    verdict, found, fix = look(content)
    assert verdict == "inconclusive"
    assert found.startswith(f"the Terraform of template {WEB['name']} can't be read: ")
    assert "push the template again" in fix


def test_without_a_window_nothing_is_asked() -> None:
    assert said(TemplateImagesPulled(), {}, window=None)[:2] == ("go", "no window is set: nodes are not made ready")
