"""Differences in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from sapparot.base.text import Text
from sapparot.duty.comparison.facts import Difference, Source
from sapparot.duty.comparison.rules import split

TOTALS: Mapping[str, Text] = {
    "valid": Text("บัตรดี", "Valid ballots"),
    "spoiled": Text("บัตรเสีย", "Spoiled ballots"),
    "no_vote": Text("ไม่เลือกผู้ใด", "No vote"),
    "ballots_cast": Text("ผู้มาใช้สิทธิ", "Ballots cast"),
}
OPTION = Text("เบอร์ {number} {name}", "No. {number} {name}")
UNLISTED = Text("เบอร์ {number} (ไม่มีในบัตร)", "No. {number} (not on the ballot)")
OURS = Text("เครือข่ายของเรา {count:,}", "our network {count:,}")
OTHERS = Text("เครือข่ายอื่น {count:,}", "other networks {count:,}")
PUBLIC = Text("ผลที่เผยแพร่ {count:,}", "the public count {count:,}")
OFFICIAL = Text("ทางการ {count:,}", "the authority {count:,}")
BOARD = Text("บนกระดาน {count:,}", "the board {count:,}")
MORE = Text("ทางการมากกว่าอยู่ {count:,}", "the authority has {count:,} more")
FEWER = Text("ทางการน้อยกว่าอยู่ {count:,}", "the authority has {count:,} fewer")
APART = Text("สองเครือข่ายต่างกันอยู่ {count:,}", "the networks are {count:,} apart")
OVER = Text("กระดานมากกว่าแบบอยู่ {count:,}", "the board has {count:,} more than the form")
REPORTS = Text("{network} แจ้งว่า {count:,}", "{network} says {count:,}")
SPLIT = Text("ตัวเลขทางการที่แจ้งมาไม่ตรงกัน {figure}: {sides}", "Official figures differ, {figure}: {sides}")
SAYS = Text("{figure}: {sides} — {verdict}", "{figure}: {sides} — {verdict}")


def figure_name(figure: str, names: Mapping[str, Text]) -> Text:
    """Name a figure; ``names`` are those of the options by number."""
    if figure in TOTALS:
        return TOTALS[figure]
    if figure in names:
        name = names[figure]
        return Text(OPTION.th.format(number=figure, name=name.th), OPTION.en.format(number=figure, name=name.en))
    return UNLISTED.fill(number=figure[:20])


def explained(difference: Difference, names: Mapping[str, Text], *, public: bool = False) -> Difference:
    """Return a difference with its sentence; ``public``: what stands under ``others`` is the public count."""
    one = difference
    sides = [
        words.fill(count=count)
        for words, count in (
            (OURS, one.own),
            (PUBLIC if public else OTHERS, one.others),
            (OFFICIAL, one.official),
            (BOARD, one.board if _over(one) else None),
        )
        if count is not None
    ]
    figure, verdicts = figure_name(one.figure, names), _verdicts(one)
    return replace(one, text=Text(
        SAYS.th.format(figure=figure.th, sides=" ".join(each.th for each in sides), verdict=" และ".join(each.th for each in verdicts)),
        SAYS.en.format(figure=figure.en, sides=", ".join(each.en for each in sides), verdict="; ".join(each.en for each in verdicts)),
    ))  # fmt: skip


def split_in_words(sources: Sequence[Source], names: Mapping[str, Text]) -> tuple[Text, ...]:
    """Say in which figures sources of official figures differ, and who says what."""
    found = []
    for name, given in split(sources):
        figure = figure_name(name, names)
        sides = [
            Text(
                REPORTS.th.format(network=one.name.th, count=count), REPORTS.en.format(network=one.name.en, count=count)
            )
            for one, count in given
        ]
        found.append(Text(
            SPLIT.th.format(figure=figure.th, sides=" ".join(each.th for each in sides)),
            SPLIT.en.format(figure=figure.en, sides=", ".join(each.en for each in sides)),
        ))  # fmt: skip
    return tuple(found)


def _verdicts(one: Difference) -> list[Text]:
    ours = one.own if one.own is not None else one.others
    found = []
    if ours is not None and one.official is not None and ours != one.official:
        away = one.official - ours
        found.append((MORE if away > 0 else FEWER).fill(count=abs(away)))
    if one.own is not None and one.others is not None and one.own != one.others:
        found.append(APART.fill(count=abs(one.own - one.others)))
    if over := _over(one):
        found.append(OVER.fill(count=over))
    return found


def _over(one: Difference) -> int:
    """Count what the board had more than the form."""
    best = next((count for count in (one.own, one.others, one.official) if count is not None), None)
    return max(0, one.board - best) if one.board is not None and best is not None else 0
