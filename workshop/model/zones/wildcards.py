"""What a name hides from the wildcards above it (RFC 4592)."""

from __future__ import annotations

from collections.abc import Container


def hidden_part(host: str, wildcards: Container[str], hosts: Container[str]) -> tuple[str, str] | None:
    """The nearest wildcard of which a host hides a part, and the name that hides it; None where it hides nothing.

    Every name between the wildcard's domain and the host exists once the host does. None of them hides anything that
    has a record and a wildcard of its own, among hosts.
    """
    labels = host.removeprefix("*.").split(".")
    names = [".".join(labels[at:]) for at in range(len(labels))]
    nearest = next((at for at in range(1, len(names)) if f"*.{names[at]}" in wildcards), None)
    if nearest is None:
        return None
    hiding = next((name for name in reversed(names[:nearest]) if name not in hosts or f"*.{name}" not in hosts), None)
    return None if hiding is None else (f"*.{names[nearest]}", hiding)
