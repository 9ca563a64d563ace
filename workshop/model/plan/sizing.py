"""How many replicas a number of users needs: the Monthly Workshop Guide's table, and its continuation, which is ours.

Band edges belong to the higher band. docs/sizing.md says which numbers come from where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OTHER_ORGANIZATION_PROVISIONERS: Final = 2
"""Provisioners of an organization that is not the default one (the guide)."""


def provisioners(users: int) -> int:
    """Provisioners of the default organization in each region that hosts them."""
    if users >= 30:
        return max(15, ceil_div(users, 2))
    if users >= 20:
        return 12 + 3 * (users - 20) // 10
    if users >= 15:
        return 10
    return 8 if users >= 10 else 6


def litellm(users: int) -> int:
    """Replicas of LiteLLM."""
    if users >= 30:
        return 8 + max(0, ceil_div(users - 40, 10))
    return 6 if users >= 20 else 4


def users_of_share(users: int, share_percent: int) -> int:
    """Users whose workspaces run in a region; rounded up, so that nobody is left out."""
    return ceil_div(users * share_percent, 100)


def divided(people: int, shares: Mapping[str, int]) -> dict[str, int]:
    """People by region as its share says, whole ones and nobody left out: the largest remainders are rounded up.

    Evenly where no region has a share.
    """
    shares = shares if any(shares.values()) else dict.fromkeys(shares, 1)
    whole = sum(shares.values())
    given = {name: people * share // whole for name, share in shares.items()}
    by_rest = sorted(shares, key=lambda name: (-(people * shares[name] % whole), name))
    for name in by_rest[: people - sum(given.values())]:
        given[name] += 1
    return given


def ceil_div(numerator: int, denominator: int) -> int:
    """Integer division, rounded up."""
    return -(-numerator // denominator)
