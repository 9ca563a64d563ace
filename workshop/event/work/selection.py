"""What of a home is saved, and what never is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

SECRETS: Final = (
    # keys and tokens of tools
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".config/gh",
    ".config/gcloud",
    ".config/coderv2",
    ".config/op",
    ".git-credentials",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".pgpass",
    ".vault-token",
    ".terraform.d/credentials.tfrc.json",
    # of models' clients
    ".claude.json",
    ".claude/.credentials.json",
    ".codex/auth.json",
    ".config/goose",
    ".config/openai",
    ".config/anthropic",
    ".gemini",
    ".aider.conf.yml",
    ".continue/config.json",
    # what people put secrets into
    "*.env",
    ".env*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "id_rsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*_history",
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
)
"""Never saved, wherever they are: whoever holds the archive would hold them. Names, or paths' ends; * stands for any
letters. Start-up files of shells are where keys of models are exported."""

CACHES: Final = (
    ".cache",
    "node_modules",
    ".venv",
    "venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".npm",
    ".nvm",
    ".cargo/registry",
    ".rustup",
    ".gradle/caches",
    ".m2/repository",
    "go/pkg/mod",
    ".terraform",
    ".local/share/code-server",
    ".local/share/Trash",
    ".vscode-server",
    ".cursor-server",
    ".local/share/JetBrains",
    "lost+found",
    ".workshop-restore",  # a restore under way
)
"""Not saved: tools make them again."""


def find_left_out(patterns: Iterable[str]) -> list[str]:
    """find's expression, in brackets, for names and ends of paths; upper and lower case are the same."""
    tests = [
        word
        for pattern in patterns
        for word in ("-o", *(("-ipath", f"*/{pattern}") if "/" in pattern else ("-iname", pattern)))
    ]
    return ["(", *tests[1:], ")"]
