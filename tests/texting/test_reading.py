"""A message is read for what it says, or not at all: no single slip of the finger changes a figure unnoticed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sapparot.base.problems import Problem
from sapparot.texting.facts import Figures, Written
from sapparot.texting.marks import SIGNS, marks
from sapparot.texting.rules import ENGLISH, PAIRS, command, read

FIGURES = Figures({"1": 212, "2": 35}, valid=247, spoiled=6, no_vote=9, ballots_cast=262)
USUAL = "10-01-100101-003 C F 1=212 2=35 V=247 X=6 N=9 B=262"


def meaning(text: str) -> tuple[object, ...]:
    found = read(text)
    return (found.station, found.ballot, found.stage, found.figures)


@pytest.mark.parametrize(
    "text",
    [
        USUAL,
        "10-01-100101-003 cf 1 212 2 35 v247 x6 n9 b262".replace("cf", "c f"),
        "๑๐-๐๑-๑๐๐๑๐๑-๐๐๓ เขต จบ ๑=๒๑๒ ๒=๓๕ ดี=๒๔๗ เสีย=๖ ไม่เลือก=๙ ใช้สิทธิ=๒๖๒",
        "10-01-100101-003\nแบ่งเขต\nผลสุดท้าย\n\n1: 212\n2: 35\nบัตรดี 247\nบัตรเสีย 6\nไม่ประสงค์ 9\nผู้มาใช้สิทธิ 262\n",
        "10-01-100101-003 เขต จบ 1=212 2=35 ดี=247 เสีย=6 ไม่เลือกผู้สมัครผู้ใด=9 ใช้สิทธิ=262",
        "10-01-100101-003 เขต จบ 1=212 2=35 ดี=247 เสีย=6 ไม่เลือกผู้ใด=9 ใช้สิทธิ=262",
        "  10 01 100101 003,C,F,1,212,2,35,V,247,X,6,N,9,B,262  ",
        "10-01-100101-003 final constituency 1=212; 2=35; valid 247; spoiled 6; novote 9; cast 262",
        "１０-01-100101-003 C F 1=212 2=35 V=247 X=6 N=9 B=262\u200b",
    ],
)
def test_however_it_is_written_it_means_the_same(text: str) -> None:
    assert meaning(text) == ("10-01-100101-003", "C", "final", FIGURES)
    assert not read(text).checked


def test_the_short_form_of_the_brief_card_is_read() -> None:
    assert meaning("3 P 1=120 2=98 X3") == ("3", None, "progress", Figures({"1": 120, "2": 98}, spoiled=3))
    assert meaning("P 1=120") == (None, None, "progress", Figures({"1": 120}))
    assert meaning("F L V=7")[1:] == ("L", "final", Figures({}, valid=7))


def test_the_check_characters_of_a_message_stand_behind_it() -> None:
    made = read(USUAL).marks
    for text in (f"{USUAL} #{made}", f"{USUAL}#{made.lower()}", f"{USUAL.lower()}\n# {made[0]} {made[1]} "):
        assert read(text).checked and meaning(text) == meaning(USUAL)
    with pytest.raises(Problem, match=r"texting\.marks_wrong"):
        read(f"{USUAL} #{made[::-1]}" if made[0] != made[1] else f"{USUAL} #00")


def test_the_first_character_is_that_of_the_standard() -> None:
    assert marks(SIGNS.index(sign) for sign in "G123489654321")[0] == "Y"  # ISO/IEC 7064, MOD 37-2
    symbols = [SIGNS.index(sign) for sign in "A12425GABC1234002"]
    rest = 0
    for symbol in [*symbols, SIGNS.index(marks(symbols)[0])]:
        rest = (rest * 2 + symbol) % 37
    assert rest == 1


@given(st.lists(st.integers(0, 36), min_size=1, max_size=400), st.data())
def test_any_one_wrong_symbol_and_any_two_swapped_neighbours_change_the_marks(
    symbols: list[int], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(symbols) - 1))
    other = data.draw(st.integers(0, 36).filter(lambda symbol: symbol != symbols[place]))
    wrong = [*symbols[:place], other, *symbols[place + 1 :]]
    assert marks(wrong)[0] != marks(symbols)[0]
    swapped = list(symbols)
    swapped[place : place + 2] = reversed(swapped[place : place + 2])
    assert swapped == symbols or marks(swapped)[0] != marks(symbols)[0]
    assert marks(symbols[:place] + symbols[place + 1 :])[1] != marks(symbols)[1]
    assert marks([*symbols[:place], other, *symbols[place:]])[1] != marks(symbols)[1]


WORDS = {"C": ["C", "เขต", "constituency"], "L": ["L", "บัญชีรายชื่อ"], "P": ["P", "ระหว่างนับ"], "F": ["F", "จบ", "final"]}
TOTALS = {"V": ["V", "ดี"], "X": ["X", "เสีย"], "N": ["N", "ไม่เลือก"], "B": ["B", "ใช้สิทธิ"]}
NOISE = "0123456789๐๑๒๙ABCDEFGHIJKLMNOPQRSTUVWXYZabxvnfpcl #*=:,.-/\nขดจบเสียไม่่ิิ้\u200b😀"


@st.composite
def messages(draw: st.DrawFn) -> str:
    """A message as a person might write it, with its check characters."""
    gap = st.sampled_from([" ", "  ", "\n", ", ", "=", ": "])
    parts = [draw(st.sampled_from(["10-01-100101-003", "3", "12", ""]))]
    head = [
        draw(st.sampled_from(WORDS[draw(st.sampled_from("CL"))])),
        draw(st.sampled_from(WORDS[draw(st.sampled_from("PF"))])),
    ]
    parts += draw(st.permutations(head))
    for option in draw(st.lists(st.integers(1, 67), unique=True, min_size=1, max_size=12)):
        parts += [str(option), str(draw(st.integers(0, 2000)))]
    for key in draw(st.lists(st.sampled_from("VXNB"), unique=True)):
        parts += [draw(st.sampled_from(TOTALS[key])), str(draw(st.integers(0, 999)))]
    text = "".join(part + draw(gap) for part in parts if part)
    return f"{text}#{read(text).marks}"


def slips(text: str, data: st.DataObject) -> str:
    """The message after one slip: another character, one too few, one too many, or two neighbours swapped."""
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from(NOISE))
    match data.draw(st.sampled_from(["other", "less", "more", "swapped", "twice"])):
        case "other":
            return text[:place] + wrong + text[place + 1 :]
        case "less":
            return text[:place] + text[place + 1 :]
        case "more":
            return text[:place] + wrong + text[place:]
        case "twice":
            return text[:place] + text[place] + text[place:]
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


@settings(max_examples=600)
@given(text=messages(), data=st.data())
def test_no_single_slip_is_taken_for_another_meaning(text: str, data: st.DataObject) -> None:
    """After one slip a message is refused, or asks to be confirmed, or means what it meant."""
    try:
        found = read(slips(text, data))
    except Problem:
        return
    assert not found.checked or meaning(text) == (found.station, found.ballot, found.stage, found.figures)


def test_every_slip_in_one_message_is_noticed() -> None:
    """All of them, one after the other, where the other test draws."""
    text = f"{USUAL} #{read(USUAL).marks}"
    wrongs = [text[:at] + text[at + 1 :] for at in range(len(text))]
    wrongs += [text[:at] + text[at : at + 2][::-1] + text[at + 2 :] for at in range(len(text) - 1)]
    wrongs += [text[:at] + sign + text[at + 1 :] for at in range(len(text)) for sign in SIGNS + " #="]
    wrongs += [text[:at] + sign + text[at:] for at in range(len(text)) for sign in SIGNS + " #="]
    taken = []
    for wrong in wrongs:
        try:
            found = read(wrong)
        except Problem:
            continue
        if found.checked:
            taken.append((wrong, found))
    assert len(wrongs) > 4000
    assert all(isinstance(found, Written) and meaning(wrong) == meaning(USUAL) for wrong, found in taken)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_stage"),
        ("10-01-100101-003", "no_stage"),
        ("สวัสดีค่ะ", "word_unknown"),
        ("3 C 1=5", "no_stage"),
        ("3 C F", "no_figures"),
        ("3 C F 1=5 2", "number_missing"),
        ("3 C F 1=5 V X=3", "number_missing"),
        ("3 C F 1=5 1=6", "twice"),
        ("3 C F V=5 V=6", "twice"),
        ("3 C L F 1=5", "twice"),
        ("3 F P 1=5", "twice"),
        ("3 C F 1=1234567", "number_too_large"),
        ("3 C F 1=100001", "number_too_large"),
        ("3 C F 1=5 Z=9", "word_unknown"),
        ("3 C F 1=5 C=9", "word_unknown"),
        ("3 C F 1=5 @", "word_unknown"),
        ("3 C F 1=5 #", "marks_wrong"),
        ("3 C F 1=5 #A", "marks_wrong"),
        ("3 C F 1=5 #AB#CD", "marks_wrong"),
        ("3 C F " + "1=5 " * 500, "too_long"),
        ("3 F 1=½", "word_unknown"),
        ("3 F 1=-5 2=x", "number_missing"),
    ],
)
def test_what_is_not_understood_is_said(text: str, code: str) -> None:
    with pytest.raises(Problem) as told:
        read(text)
    assert told.value.kind.code == f"texting.{code}"
    assert "{" not in told.value.detail.th + told.value.detail.en


@given(st.text(max_size=300))
def test_any_text_ends_in_a_report_or_a_problem(text: str) -> None:
    try:
        found = read(text)
    except Problem:
        return
    assert found.figures != Figures()


def test_words_and_keys_are_not_confused() -> None:
    assert len({thai for thai, _ in PAIRS}) == len(PAIRS)
    assert set(ENGLISH.values()) == {key for _, key in PAIRS} == set("CLPFVXNB")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("OK 7k", ("yes", "7K")),
        ("ใช่ #7K", ("yes", "7K")),
        ("ยืนยัน ๗K", ("yes", "7K")),
        ("help", ("help", "")),
        ("?", ("help", "")),
        ("ช่วย", ("help", "")),
        ("รหัส abcd2345", ("code", "ABCD2345")),
        ("3 P 1=2", None),
        ("okay", None),
    ],
)
def test_a_message_may_be_a_command(text: str, found: tuple[str, str] | None) -> None:
    assert command(text) == found


def test_a_list_of_fifty_seven_options_fits() -> None:
    chance = random.Random(57)
    votes = {str(number): chance.randint(0, 400) for number in range(1, 58)}
    text = "3 L F " + " ".join(f"{number}={count}" for number, count in votes.items())
    assert read(f"{text} #{read(text).marks}").figures.votes == votes
