"""An evening against a server that somebody else runs: first draw the nation to import, then play with the invites of that server.

Everything stands in one directory: ``election/`` to import, ``truth.npz``, ``invites.json``, and what the senders note in ``played/``.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.json import decode, encode, format

from sapparot.simulate.facts import EveningLog, EveningPlan, Flat
from sapparot.simulate.mix import HONEST, Mix
from sapparot.simulate.nation import NationPlan, draw_nation
from sapparot.simulate.people import invited_by
from sapparot.simulate.play import OnProgress, invites_needed, play, set_stage
from sapparot.simulate.problems import SourceUnusable

INVITES = "invites.json"


class Rehearsal(Struct, frozen=True, kw_only=True):
    """What to rehearse: the election with its published results, and where everything is kept."""

    source: Path
    place: Path
    scale: float = 1.0
    seed: int = 1
    honest: bool = False


class InvitesWanted(Struct, frozen=True):
    """How many devices one network will enrol at one level, heads in one constituency, and the invite code to use.

    The code is empty until somebody fills it in.
    """

    network: str
    level: int
    uses: int
    code: str = ""
    area: str = ""

    @property
    def name(self) -> str:
        """Under which the plan knows it."""
        return f"{self.network}/{self.level}{self.area and f'/{self.area}'}"


def prepare(rehearsal: Rehearsal) -> tuple[InvitesWanted, ...]:
    """Draw the nation into ``place`` and write invites.json, in which the codes of the server are to be filled in."""
    place = rehearsal.place
    draw_nation(
        NationPlan(
            source=rehearsal.source,
            folder=place / "election",
            truth=place / "truth.npz",
            scale=rehearsal.scale,
            seed=rehearsal.seed,
        )
    )
    needed = invites_needed(_plan(rehearsal, "", {}))
    wanted = tuple(_wanted(name, uses) for name, uses in sorted(needed.items()))
    (place / INVITES).write_bytes(format(encode(wanted), indent=2) + b"\n")
    return wanted


def rehearse(
    rehearsal: Rehearsal, url: str, *, speed: float | None = None, flat: Flat | None = None, tell: OnProgress
) -> EveningLog:
    """Play the prepared evening against ``url``; raises SourceUnusable while codes are missing, and DoorClosed."""
    path = rehearsal.place / INVITES
    if not path.is_file():
        raise SourceUnusable(f"ไม่มีไฟล์ {path} ให้เตรียมการซ้อมก่อน", f"{path} is missing: prepare the rehearsal first")
    wanted = decode(path.read_bytes(), type=tuple[InvitesWanted, ...])
    if missing := [one.name for one in wanted if not one.code]:
        names = ", ".join(missing)
        raise SourceUnusable(f"{path}: ยังไม่มีรหัสเชิญของ {names}", f"{path}: no code for {names}")
    plan = _plan(rehearsal, url, {one.name: one.code for one in wanted})
    if unasked := sorted(invites_needed(plan).keys() - plan.invites.keys()):
        names = ", ".join(unasked)
        raise SourceUnusable(
            f"{path}: ไม่มีรหัสเชิญของ {names} ให้เตรียมการซ้อมใหม่",
            f"{path}: no code for {names}: prepare the rehearsal again",
        )
    plan = msgspec.structs.replace(plan, speed=speed, flat=flat)
    return play(plan, set_stage(plan.clock, plan.source), tell)


def _plan(rehearsal: Rehearsal, url: str, invites: dict[str, str]) -> EveningPlan:
    return EveningPlan(
        url=url,
        source=rehearsal.source,
        truth=rehearsal.place / "truth.npz",
        work=rehearsal.place / "played",
        clock=rehearsal.place / "clock",
        invites=invites,
        mix=HONEST if rehearsal.honest else Mix(),
        photos=0,
        seed=rehearsal.seed,
    )


def _wanted(name: str, uses: int) -> InvitesWanted:
    network, level, area = invited_by(name)
    return InvitesWanted(network, level, uses, area=area)
