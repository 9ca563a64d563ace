"""An image that crashes on real API servers: what runs goes on, and the command that goes back goes back."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.dns.checkout import Checkout, checkout
from workshop.model.images.history import Promotion, with_promotion
from workshop.observe.clock import now
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.images import made_image
from workshop.sandbox.servers.faults import Fault, plant_faults

pytestmark = [pytest.mark.clusters, pytest.mark.slow]
