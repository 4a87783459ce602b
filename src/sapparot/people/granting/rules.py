"""Who may give which role to whom: somebody above, never to oneself."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sapparot.base.problems import Problem
from sapparot.people.granting.facts import Granter, GrantRole
from sapparot.people.granting.problems import HEAD_NEEDS_AREA, NOT_TO_YOURSELF, NOT_YOURS_TO_GRANT

ABOVE: dict[GrantRole, GrantRole | None] = {
    "centre": None,
    "organiser": "centre",
    "lead": "centre",
    "head": "organiser",
    "reviewer": "lead",
    "decider": "lead",
}
"""The role that gives each role; None: only the operator, on the machine itself."""
LEVELS: dict[GrantRole, int] = {"head": 2, "reviewer": 3, "decider": 3, "lead": 3}


def check_grant(granter: Granter, person: UUID, network: str, role: GrantRole) -> None:
    """Refuse a grant, or its end, that is not the granter's to decide; ``network`` is that of the person who has or gets the role."""
    if granter.person is None:
        return
    if granter.person == person:
        raise Problem(NOT_TO_YOURSELF)
    needed = ABOVE[role]
    if needed is None or needed not in granter.roles or (needed == "organiser" and granter.network != network):
        raise Problem(NOT_YOURS_TO_GRANT)


def check_above(granter: Granter, person: UUID, network: str, roles: Collection[GrantRole]) -> None:
    """Refuse to take somebody's ways to sign in unless the granter could end all its roles, or is the centre and the other is not."""
    if granter.person == person:
        raise Problem(NOT_TO_YOURSELF)
    if "centre" in granter.roles and "centre" not in roles:
        return
    heads: tuple[GrantRole, ...] = ("head",)
    for role in roles or heads:  # whoever names heads looks after volunteers as well
        check_grant(granter, person, network, role)


def check_area(role: GrantRole, area: str | None) -> None:
    """A head has an area, nobody else has."""
    if (role == "head") != (area is not None):
        raise Problem(HEAD_NEEDS_AREA)


def level_of(roles: Collection[GrantRole]) -> int:
    """Return the level that somebody's roles give: 1 station volunteer, 2 constituency head, 3 war room."""
    return max((LEVELS.get(role, 1) for role in roles), default=1)
