from __future__ import annotations

import pytest

from tests.event.coder.replay import record
from workshop.event.coder.templates import RichParameter, parameter_problems

ASKED = [RichParameter.model_validate(one) for one in record("311-rich-parameters").response_body]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"challenge": "web"}, []),
        ({"challenge": "web", "cpu": "4", "reset": "true"}, []),
        ({}, ["the parameter challenge is required"]),
        ({"challenge": "web", "gpu": "1"}, ["the template has no parameter gpu"]),
        ({"challenge": "ml"}, ["the parameter challenge is ml; it can be web, data"]),
        ({"challenge": "web", "cpu": "8"}, []),
        (
            {"challenge": "web", "cpu": "9"},
            ["the parameter cpu is 9; it can be a whole number, at least 1 and at most 8"],
        ),
        (
            {"challenge": "web", "cpu": "0"},
            ["the parameter cpu is 0; it can be a whole number, at least 1 and at most 8"],
        ),
        (
            {"challenge": "web", "cpu": "x"},
            ["the parameter cpu is x; it can be a whole number, at least 1 and at most 8"],
        ),
        ({"challenge": "web", "reset": "yes"}, ["the parameter reset is yes; it can be true, false"]),
    ],
)
def test_parameters_are_held_against_what_the_template_asks(given: dict[str, str], problems: list[str]) -> None:
    assert parameter_problems(ASKED, given) == problems


def test_a_choice_of_several_is_left_to_coder() -> None:
    several = ASKED[0].model_copy(update={"type": "list(string)"})
    assert parameter_problems([several], {"challenge": '["web","data"]'}) == []
