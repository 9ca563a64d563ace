"""The policy pack as Pulumi starts it, in a process of its own."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import EnforcementLevel, PolicyPack

from policies.pack.catalog import crossguard_pack

if __name__ == "__main__":
    PolicyPack("workshop", crossguard_pack(), enforcement_level=EnforcementLevel.MANDATORY)
