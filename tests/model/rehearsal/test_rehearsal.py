"""Who takes what in a rehearsal."""

from __future__ import annotations

from dataclasses import replace

from tests.model.given import settings
from tests.model.rehearsal.test_verdict import rehearsal
from workshop.model.rehearsal.faults import Fault
from workshop.model.settings.workspaces import Shape

SMALL, LARGE = {"vcpu": 2, "memory_gib": 4, "weight": 9}, {"vcpu": 4, "memory_gib": 8}
MIXED = replace(rehearsal(), settings=settings(users=20, workspaces={"shapes": [SMALL, LARGE]}))


def test_shapes_are_taken_by_their_weights_the_same_for_a_seed() -> None:
    taken = [MIXED.shape_of("us-east-2", person) for person in range(1000)]
    assert 50 < taken.count(Shape(vcpu=4, memory_gib=8)) < 150
    assert taken == [MIXED.shape_of("us-east-2", person) for person in range(1000)]
    assert taken != [replace(MIXED, seed=4).shape_of("us-east-2", person) for person in range(1000)]
    assert taken != [MIXED.shape_of("us-west-2", person) for person in range(1000)]


def test_where_something_goes_wrong_everybody_takes_the_largest() -> None:
    played = replace(MIXED, fault=Fault.QUOTA)
    taken = [played.shape_of("us-east-2", person) for person in range(100)]
    assert taken == [Shape(vcpu=4, memory_gib=8)] * 100
