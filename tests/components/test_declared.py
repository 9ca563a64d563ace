"""Everything that components declare, in full: __snapshots__ is what a reviewer reads when one declares something else.

`pytest --snapshot-update tests/components/test_declared.py` writes them anew.
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.components.declared import children_of, declared
from tests.components.examples import EXAMPLES, Example
from tests.components.recorded import Recorded, Registration
from tests.components.variants import VARIANTS


@pytest.mark.parametrize("example", [*EXAMPLES, *VARIANTS], ids=lambda example: example.id)
def test_what_a_component_declares(example: Example, snapshot: SnapshotAssertion) -> None:
    recorded = declared(example)
    (component,) = recorded.of_type(f"workshop:components:{example.kind.__name__}")

    children = {child.name: described(child, recorded) for child in children_of(recorded)}
    content = {"outputs": recorded.outputs[component.urn], "children": children}
    assert yaml.safe_dump(content, width=1000) == snapshot


def described(child: Registration, recorded: Recorded) -> dict[str, Any]:
    """Type, inputs, and those options that are set."""
    names = {resource.urn: resource.name for resource in recorded.resources}
    options = {
        "protect": child.is_protected,
        "retain on delete": child.is_retained,
        "import": child.import_id,
        "depends on": sorted(names[urn] for urn in child.depends_on),
        "before delete": list(child.before_delete),
        "replaced by changes of": list(child.replaced_by_changes_of),
        "deleted before replaced": child.is_deleted_before_replaced,
        "ignores changes of": list(child.ignores_changes_of),
    }
    return {
        "type": child.type,
        "inputs": child.inputs,
        "options": {name: option for name, option in options.items() if option},
    }
