from argparse import ArgumentTypeError

import pytest

from benchmarks.arguments import count


def test_numbers_from_1_are_counts() -> None:
    assert (count("1"), count("40")) == (1, 40)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "", "many", "²"])
def test_anything_else_is_told(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^{text!r} is not a number from 1$"):
        count(text)
