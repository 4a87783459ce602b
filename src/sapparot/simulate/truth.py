"""What really happened at every station. Kept outside the system under test and shown to it only through phones."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from sapparot.simulate.published import Choice

Int32s: TypeAlias = NDArray[np.int32]


class Truth(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """The drawn nation: n stations in the order of stations.csv, b ballots, contests in the order of ``contests``.

    ``votes[ballot]`` has n rows and as many columns as the longest contest of that ballot, options by ascending number,
    zeros after the last; ``spoiled`` and ``no_vote`` are b x n. Every row of every ballot adds up to ``cast``.
    """

    election: str
    ballots: tuple[str, ...]
    contests: tuple[tuple[Choice, ...], ...]
    codes: list[str]
    constituency: Int32s
    """Position of the constituency in areas.csv, n."""
    province: NDArray[np.str_]
    """Code of the province, n."""
    place: Int32s
    """Position of the subdistrict (or of the area that stands for it), n; neighbours share it."""
    eligible: Int32s
    cast: Int32s
    lat: Int32s
    """Microdegrees, n."""
    lon: Int32s
    votes: tuple[Int32s, ...]
    spoiled: Int32s
    no_vote: Int32s
    contest: Int32s
    """b x n, position in ``contests``."""

    def __len__(self) -> int:
        """Count the stations."""
        return len(self.codes)

    def sheet_key(self, sheet: int) -> str:
        """Give the key of a sheet numbered station * ballots + ballot."""
        station, ballot = divmod(sheet, len(self.ballots))
        return f"{self.codes[station]}/{self.ballots[ballot]}"


_COLUMNS = ("constituency", "province", "place", "eligible", "cast", "lat", "lon", "spoiled", "no_vote", "contest")


def save(truth: Truth, path: Path) -> None:
    """Write the truth to ``path`` (.npz); equal truths give equal arrays."""
    meta = {"election": truth.election, "ballots": truth.ballots, "contests": truth.contests}
    arrays = {name: getattr(truth, name) for name in _COLUMNS}
    arrays |= {f"votes_{number}": votes for number, votes in enumerate(truth.votes)}
    arrays["codes"] = np.array(truth.codes, dtype=np.bytes_)
    arrays["meta"] = np.frombuffer(msgspec.json.encode(meta), np.uint8)
    np.savez(path, **arrays)


class _Meta(msgspec.Struct):
    election: str
    ballots: tuple[str, ...]
    contests: tuple[tuple[Choice, ...], ...]


def load(path: Path) -> Truth:
    """Read the truth that :func:`save` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        meta = msgspec.json.decode(arrays["meta"].tobytes(), type=_Meta)
        return Truth(
            election=meta.election,
            ballots=meta.ballots,
            contests=meta.contests,
            codes=[code.decode() for code in arrays["codes"].tolist()],
            votes=tuple(arrays[f"votes_{number}"] for number in range(len(meta.ballots))),
            **{name: arrays[name] for name in _COLUMNS},
        )
