"""What is counted in one neighbourhood, kept as the rules read it: a few numbers for each station, side by side.

Every final is compared with the stations around it, and each of them changes once or twice in an evening. So what the rules read of a
station is worked out when it changes, and not whenever somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterable

from sapparot.verify.facts import Profile
from sapparot.verify.shapes import cell


class Hood:
    """The counted figures of the stations of one neighbourhood in one contest; each has a place, where None stands for nothing counted."""

    __slots__ = ("_shares", "profiles", "turnouts")

    def __init__(self, profiles: Iterable[Profile | None]) -> None:
        self.profiles = list(profiles)
        self.turnouts = [None if profile is None else profile.turnout for profile in self.profiles]
        self._shares: dict[int, list[int | None]] = {}

    def put(self, place: int, profile: Profile | None) -> None:
        """Take what is counted at a station now."""
        self.profiles[place] = profile
        self.turnouts[place] = None if profile is None else profile.turnout
        for column, shares in self._shares.items():
            shares[place] = None if profile is None else share_of(profile, column)

    def shares(self, column: int) -> list[int | None]:
        """Give an option's votes per thousand votes at each place; columns that were asked for are kept up to date."""
        shares = self._shares.get(column)
        if shares is None:
            shares = self._shares[column] = [
                None if profile is None else share_of(profile, column) for profile in self.profiles
            ]
        return shares


class Surroundings:
    """The neighbours of one station: all of its hood but its own place, and the hood on the other ballot where there is one."""

    __slots__ = ("_here", "_own", "_there")

    def __init__(self, here: Hood, own: int | None = None, there: Hood | None = None) -> None:
        self._here = here
        self._own = own
        self._there = there

    def profiles(self) -> list[Profile]:
        """Give the counted figures of every neighbour."""
        own = self._own
        return [each for place, each in enumerate(self._here.profiles) if each is not None and place != own]

    def turnouts(self) -> list[int]:
        """Give the turnout of every neighbour where it is known."""
        own = self._own
        return [each for place, each in enumerate(self._here.turnouts) if each is not None and place != own]

    def shares(self, column: int) -> list[int]:
        """Give an option's votes per thousand votes at every neighbour."""
        own = self._own
        return [each for place, each in enumerate(self._here.shares(column)) if each is not None and place != own]

    def gaps(self, column: int, partner: int) -> list[int]:
        """Give how much larger an option's share is than that of `partner` on the other ballot, wherever both are counted."""
        if self._there is None:
            return []
        own, pairs = self._own, zip(self._here.shares(column), self._there.shares(partner), strict=True)
        return [
            here - there
            for place, (here, there) in enumerate(pairs)
            if here is not None and there is not None and place != own
        ]


def share_of(profile: Profile, column: int) -> int:
    """Give an option's votes per thousand votes; 0 where nothing is known."""
    return max(0, cell(profile.row, column)) * 1000 // profile.total if profile.total else 0
