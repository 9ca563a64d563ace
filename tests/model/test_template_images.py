"""Images of a template's workspaces, as far as its Terraform says."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from workshop.model.template_images import template_images

HCL: Any = import_module("hcl2")
READ = HCL.SerializationOptions(
    with_comments=False, explicit_blocks=False, preserve_heredocs=False, strip_string_quotes=True
)


def images(*files: str, **variables: str) -> tuple[list[str], list[str]]:
    found = template_images([HCL.loads(text, serialization_options=READ) for text in files], variables)
    return sorted(found.named), sorted(found.unread)


def pod(image: str) -> str:
    return f"""resource "kubernetes_deployment" "main" {{
  count = 1
  spec {{
    template {{
      spec {{
        init_container {{
          image = "init:1"
        }}
        container {{
          image   = {image}
          command = ["sh", "-c", <<-EOT
            image = "in a script"
          EOT
          ]
        }}
      }}
    }}
  }}
}}
"""


OPTIONS = """data "coder_parameter" "image" {
  name    = "image"
  default = "a:1"
  option {
    name  = "A"
    value = "a:1"
  }
  option {
    name  = "B"
    value = local.b
  }
}
locals {
  b = "${var.registry}/b:1"
}
variable "registry" {
  default = "example.com"
}
"""


@pytest.mark.parametrize(
    ("image", "named", "unread"),
    [
        ('"a@sha256:12"', ["a@sha256:12"], []),
        ("local.b", ["example.com/b:1"], []),
        ('"${var.registry}/c:1"', ["example.com/c:1"], []),
        ("data.coder_parameter.image.value", ["a:1", "example.com/b:1"], []),
        ("each.value", [], ["${each.value}"]),
        ('"${each.value}:${var.registry}"', [], ["${each.value}:${var.registry}"]),
    ],
)
def test_what_a_container_runs(image: str, named: list[str], unread: list[str]) -> None:
    assert images(pod(image), OPTIONS) == (sorted([*named, "init:1"]), unread)


def test_a_variable_of_the_version_goes_before_its_default() -> None:
    assert images(pod("local.b"), OPTIONS, registry="other.example.com")[0] == ["init:1", "other.example.com/b:1"]


def test_locals_that_name_each_other_are_unread() -> None:
    assert images(pod("local.x"), 'locals {\n  x = "${local.y}"\n  y = "${local.x}"\n}\n')[1] == ["${local.x}"]


def test_a_parameter_without_a_default_is_unread() -> None:
    asked = 'data "coder_parameter" "image" {\n  name = "image"\n}\n'
    assert images(pod("data.coder_parameter.image.value"), asked)[1] == ["${data.coder_parameter.image.value}"]


def test_a_manifest_and_what_is_not_of_kubernetes() -> None:
    manifest = 'resource "kubernetes_manifest" "m" {\n  manifest = { spec = { containers = [{ image = "m:1" }] } }\n}\n'
    other = 'resource "docker_image" "d" {\n  image = "d:1"\n}\n# image = "no:1"\n'
    assert images(manifest, other) == (["m:1"], [])


def test_a_template_without_containers_names_none() -> None:
    assert images('resource "coder_agent" "main" {\n  os = "linux"\n}\n') == ([], [])
    assert images("") == ([], [])
