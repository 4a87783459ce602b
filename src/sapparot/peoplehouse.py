"""The people of a server: its keys, and what other slices join in with when people end, lose a phone or ask what is kept."""

from __future__ import annotations

from sapparot import texting
from sapparot.app import keyring
from sapparot.base.clock import Clock
from sapparot.base.settings import Settings
from sapparot.duty.house import Holdings
from sapparot.people.house import People


def people_of(settings: Settings, clock: Clock) -> People:
    """Return what is done about people, with the keys of this server."""
    people, duties = People(settings.data / "secrets", keyring(settings), clock, settings.region), Holdings(clock)
    people.forget += [duties.forget, texting.forget]
    people.free.append(duties.free)
    people.lose.append(texting.unbind)
    people.tell |= {"duty": duties.tell, "texting": texting.tell}
    return people
