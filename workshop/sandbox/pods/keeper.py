"""What the sandbox's cluster would put into the keeper's Pod: the way to everything that it keeps."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import yaml

from workshop.model.event.keeper import JOIN_URL_VARIABLE, MAIL_FOLDER_VARIABLE
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import aws_environment, folder_token
from workshop.sandbox.servers.litellm.keys import master_key

DOOR: Final = "http://127.0.0.1:47880"
"""Where `workshop event door` serves people's page, unless it is told otherwise."""

_KUBECONFIG: Final = "keeper-kubeconfig"


def keeper_environment(paths: SandboxPaths) -> Mapping[str, str]:
    """Variables of a keeper of this sandbox; also writes its kubeconfig, in which it may change clusters in folders."""
    kubeconfig = yaml.safe_load(paths.kubeconfig.read_text(encoding="utf-8"))
    for user in kubeconfig["users"]:
        if (paths.clusters / user["name"]).is_dir() and user["user"]["token"] == token_of(paths):
            user["user"]["token"] = folder_token(paths)
    file = paths.folder / _KUBECONFIG
    write_private(file, yaml.safe_dump(kubeconfig, sort_keys=False))
    return {
        **aws_environment(paths),
        "PATH": os.defpath,
        "HOME": str(Path.home()),
        "PYTHONPATH": str(paths.checkout),
        "KUBECONFIG": str(file),
        "CODER_URL": f"{paths.aws_endpoint}/coder",
        "CODER_SESSION_TOKEN": token_of(paths),
        "LITELLM_MASTER_KEY": master_key(token_of(paths)),
        MAIL_FOLDER_VARIABLE: str(paths.folder / "mail"),
        JOIN_URL_VARIABLE: os.environ.get(JOIN_URL_VARIABLE, DOOR),
    }
