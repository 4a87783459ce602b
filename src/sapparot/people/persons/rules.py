"""Who may know a person's name and telephone, and what becomes of a person whose telephone is proven."""

from __future__ import annotations

from collections.abc import Collection

from sapparot.base.problems import Problem
from sapparot.people.persons.facts import Person, Purpose, Reader, State, Why
from sapparot.people.persons.problems import PERSON_ENDED, PERSON_UNKNOWN

_NEEDED: dict[Why, Purpose] = {"duty": "duty", "announcement": "announcements", "reward": "rewards"}
"""What the program needs a person's consent for, by what it does."""


def may_know(person: Person, agreed: Collection[Purpose], reader: Reader, why: Why) -> bool:
    """Tell whether a reader may learn a person's name and telephone.

    Organisers and heads of the person's own network may, while the person is in it. Everybody else needs the consent that names them:
    heads of other networks ``head``, the centre and the war room ``centre``, and the program what it is to send. The operator may not.
    """
    if person.ended or person.state == "applied":
        return False
    match reader.role:
        case "program":
            return why in _NEEDED and _NEEDED[why] in agreed
        case "organiser":
            return reader.network == person.network
        case "head":
            return reader.network == person.network or "head" in agreed
        case "centre" | "warroom":
            return "centre" in agreed
    return False


def proven_state(state: State, *, applied: bool, vouched: bool, approval: bool) -> State:
    """Return a person's state once its telephone is proven; raises :class:`Problem` for who may not come back so.

    ``applied``: a sign-up was proven with it. ``vouched``: it came by an invite link that vouches and has room. ``approval``: the
    network looks at everybody else first. Who was listed by the network is vouched for by that.
    """
    if state == "erased":
        raise Problem(PERSON_UNKNOWN)
    if state == "expelled" or (state in ("left", "applied") and not applied):
        raise Problem(PERSON_ENDED)
    if state in ("active", "listed") or vouched:
        return "active"
    if state == "waiting" or approval:
        return "waiting"
    return "active"
