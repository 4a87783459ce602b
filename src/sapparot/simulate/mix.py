"""How much goes wrong in an evening."""

from __future__ import annotations

from msgspec import Struct


class Mix(Struct, frozen=True, kw_only=True):
    """Shares in permille: of final reports, of devices or of stations, as each line says. The default is a plausible evening."""

    mistakes_permille: int = 25
    """Finals with an honest mistake."""
    noticed_permille: int = 850
    """Of those mistakes: noticed and corrected by the same device some minutes later."""
    liars_permille: int = 1
    """Devices whose owner moves votes between options on purpose."""
    plot_provinces: int = 2
    """Provinces (not permille) in which all people of one party's network lie for it."""
    plot_both_permille: int = 300
    """Of the stations of that network there: both volunteers are its own."""
    no_show_permille: int = 10
    """Stations whose second source stays away."""
    third_permille: int = 40
    """Stations with a third source."""
    offline_permille: int = 30
    """Devices that lose their connection for an hour and then send everything at once."""
    late_permille: int = 30
    """Stations that take much longer than their size explains; one in eight of them past midnight."""
    wrong_clock_permille: int = 10
    """Devices with a wrong clock."""
    resent_permille: int = 10
    """Reports whose bytes are sent again later."""
    lost_answer_permille: int = 5
    """Reports whose answer never reaches the phone, so that it tries again."""
    forged: int = 60
    """Forged reports per 100,000: an enrolled device's name under another key's signature."""
    strangers: int = 20
    """Reports of devices that never enrolled, per 100,000."""
    garbage: int = 20
    """Bodies that are no report at all, per 100,000."""
    official: int = 5
    """Sheets per 1,000 for which the constituency's head brings the authority's figure."""
    choosers_permille: int = 600
    """Volunteers who choose their station; the others wait for the plan. This line and the next only where people come by their doors."""
    hasty_permille: int = 100
    """Volunteers who fail the quiz the first time."""
    dropped_permille: int = 15
    """Volunteers who give their duty back on the day."""
    spares_permille: int = 20
    """Spares, for every 1,000 stations."""
    lost_permille: int = 8
    """Volunteers who lose their phone after they checked in."""
    shared_permille: int = 10
    """Volunteers whose phone is shared with the family's next one."""


HONEST = Mix(
    mistakes_permille=0,
    liars_permille=0,
    plot_provinces=0,
    no_show_permille=0,
    wrong_clock_permille=0,
    forged=0,
    strangers=0,
    garbage=0,
    dropped_permille=0,
    lost_permille=0,
)
"""Nobody errs and nobody lies: every sheet gets its two independent correct finals. Connections still have their moods."""
