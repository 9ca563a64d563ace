"""What credentials look like."""

from __future__ import annotations

import re
from typing import Final

_PATTERNS: Final = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[0-9A-Za-z]{36,}\b|\bgithub_pat_\w{22,}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "an API key": re.compile(r"\bsk-[0-9A-Za-z_-]{20,}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}"),
    "a password in a URL": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@$]+@", re.IGNORECASE),
}
"""Source: GitHub's and AWS' documentation of their token formats. Digests look like none of these."""


def looks_like(text: str) -> tuple[str, ...]:
    """Every kind of credential that a text looks like."""
    return tuple(kind for kind, pattern in _PATTERNS.items() if pattern.search(text))
