"""Why a mutant survives that no test can or should notice, by file, source line and fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[tuple[str, str, str], str]] = {
    ("workshop/model/sizing.py", "if users >= 30:", "GtE to Gt"): "at 30 both bands give 15",
    ("workshop/model/sizing.py", "if users >= 30:", "30 plus 1"): "at 30 both bands give 15",
    (
        "policies/replica_floor.py",
        "found[key] = max(found.get(key, 0), replicas)",
        "0 plus 1",
    ): "the plan never asks for less than one",
    (
        "policies/replica_floor.py",
        "hosted = [region.provisioners.get(organization.name, 0) for region in plan.regions.values()]",
        "0 plus 1",
    ): "the most of all regions is taken, and one hosts them",
}
