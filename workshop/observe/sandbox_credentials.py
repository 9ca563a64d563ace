"""What stands for credentials in the sandbox, which accepts any."""

from typing import Final

SANDBOX_KEY: Final = "sandbox"
"""Stands where AWS wants an access key."""

SANDBOX_TOKEN: Final = "sandbox" + "0" * 33
"""Has the length that the Cloudflare provider asks of an API token."""
