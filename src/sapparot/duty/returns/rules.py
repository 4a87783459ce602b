"""How a sheet's returns grow with the log, and which stations need a head's eye."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from sapparot.contests.facts import Figures
from sapparot.duty.returns.facts import Return, SheetReturn, Shot, Show, StationReturn, Told
from sapparot.verify.letters import Letter

OFFICIAL_LEVEL = 2
"""The level of a device that may report official figures; of which areas it may, verify has judged."""
ROOM = 16
"""Devices of one network whose official figures of a sheet are kept: the latest to report."""
ROLES = ("form", "board")
SHOTS = 16
"""Photographs of one report that are looked at."""
_HEX = frozenset("0123456789abcdef")


class Move(Struct, frozen=True):
    """A `move` entry, as far as it is needed here (docs/formats/moves-and-findings.md)."""

    sheet: str
    state: str
    layer: str
    reason: str
    figures: Figures | None = None


def told(position: int, letter: Letter, network: str) -> Told:
    """Return what is remembered of a report."""
    report, at = letter.report, datetime.fromtimestamp(letter.at, UTC)
    shots = []
    for item in report.evidence[:SHOTS]:
        names = tuple(name for name in (item.sha256, item.small) if is_hash(name))
        if item.role in ROLES and names:
            shots.append(Shot(item.role, names))
    return Told(position, at, letter.jws.header.kid, network, report.seq, tuple(shots))


def is_hash(name: object) -> bool:
    """Tell whether something is a SHA-256 as reports write it."""
    return isinstance(name, str) and len(name) == 64 and _HEX.issuperset(name)


def heard(held: Return, stage: str, new: Told, level: int) -> Return:
    """Return what is held of a sheet once a report has been heard; one that its own device overtook changes nothing."""
    match stage:
        case "progress" if newer(held.progress, new):
            return replace(held, progress=new)
        case "official" if level >= OFFICIAL_LEVEL:
            before = next((one for one in held.officials if one.kid == new.kid), None)
            if newer(before, new):
                kept = [one for one in held.officials if one is not before]
                spoken = [one for one in kept if one.network == new.network]
                if len(spoken) >= ROOM:
                    kept.remove(spoken[0])
                return replace(held, officials=(*kept, new))
        case "final":
            before = next((one for one in held.finals if one.network == new.network), None)
            if newer(before, new):
                others = tuple(one for one in held.finals if one is not before)
                return replace(held, finals=(*others, new))
    return held


def newer(held: Told | None, new: Told) -> bool:
    """Tell whether a report comes after another in the log, and was not overtaken by one that its device made later."""
    if held is None:
        return True
    return new.position > held.position and (new.kid != held.kid or new.seq >= held.seq)


def moved(held: Return, position: int, move: Move) -> Return:
    """Return what is held of a sheet after a move."""
    if held.moved is not None and position <= held.moved:
        return held
    return replace(held, state=move.state, layer=move.layer, reason=move.reason, moved=position)


def read_move(body: bytes) -> Move | None:
    """Read a move; None for what is none."""
    try:
        return msgspec.json.decode(body, type=Move)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def shots_in(found: Iterable[Return]) -> list[str]:
    """Return the names of every photograph that finals and the authority's figures name, in order."""
    reports = [report for one in found for report in (*one.finals, *one.officials)]
    return sorted({name for report in reports for shot in report.shots for name in shot.names})


def sheet_return(key: str, held: Return, network: str, there: Collection[str]) -> SheetReturn:
    """Describe a sheet for the head of a network; ``there`` names photographs that have arrived."""
    shots = {shot.names: shot for one in held.finals for shot in one.shots}
    arrived = [shot for shot in shots.values() if any(name in there for name in shot.names)]
    return SheetReturn(
        sheet=key,
        ballot=key.rpartition("/")[2],
        state=held.state,
        reason=held.reason,
        progress_at=held.progress.at if held.progress else None,
        final_at=max((one.at for one in held.finals), default=None),
        official_at=max((one.at for one in held.officials), default=None),
        finals=len(held.finals),
        own=any(one.network == network for one in held.finals),
        named=len(shots),
        arrived=len(arrived),
        form=any(shot.role == "form" for shot in arrived),
    )


_SHOWN: Mapping[Show, Callable[[StationReturn], bool]] = {
    "all": lambda one: True,
    "gaps": lambda one: one.groups < 2,
    "missing": lambda one: one.missing,
    "silent": lambda one: any(not sheet.finals for sheet in one.sheets),
    "disputed": lambda one: any(sheet.state == "disputed" for sheet in one.sheets),
    "photographs": lambda one: any(sheet.finals and not sheet.form for sheet in one.sheets),
}


def show_in(text: str) -> Show:
    """Return the selection that somebody asks for, all for what is none."""
    found: tuple[Show, ...] = get_args(Show)
    return next((one for one in found if one == text), "all")


def shown(stations: Sequence[StationReturn], show: Show) -> list[StationReturn]:
    """Return the stations of a selection, in the same order."""
    return [one for one in stations if _SHOWN[show](one)]


def counted(stations: Sequence[StationReturn]) -> dict[Show, int]:
    """Count the stations of every selection."""
    return {show: len(shown(stations, show)) for show in _SHOWN}
