"""What mirrors images is declared where the settings say so, and in the control plane's cluster alone."""

from __future__ import annotations

from tests.program.declaring import declared
from workshop.model.images.mirroring import MirrorRequest
from workshop.model.window.phases import Phase

DIGEST = f"sha256:{'ab' * 32}"
BASE = {"source": "ghcr.io/example/base-ws", "repository": "base-ws", "tag": "1", "digest": DIGEST}


def test_without_the_setting_nothing_is_there() -> None:
    assert not [one.name for one in declared(Phase.RUNNING).components if "ImageMirror" in one.type]


def test_the_job_comes_after_its_role_and_mirrors_what_the_settings_name() -> None:
    stack = declared(None, mirror={"images": [BASE], "schedule": "5 4 * * *"})
    roles, job = stack.component("ImageMirrorRoles", "us-east-2"), stack.component("ImageMirror", "us-east-2")
    assert stack.comes_before(roles, job)
    request = MirrorRequest.model_validate_json(job.inputs["request"])
    assert [image.repository for image in request.images] == ["coder-preview", "base-ws"]
    assert roles.inputs["repositories"] == ["coder-preview", "base-ws"]
    assert (job.inputs["schedule"], job.inputs["role_arn"]) == (
        "5 4 * * *",
        "arn:aws:iam::123456789012:role/ai-coder-workshop-image-mirror",
    )
    assert len([one for one in stack.components if one.type.endswith(":ImageMirror")]) == 1
