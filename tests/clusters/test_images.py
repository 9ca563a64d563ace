"""An image that crashes on real API servers: what runs goes on, and the command that goes back goes back."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.clusters, pytest.mark.slow]
