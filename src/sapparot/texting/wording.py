"""What a text message is answered, short, in the language of the person. Pure."""

from __future__ import annotations

from sapparot.base.text import Text
from sapparot.texting.facts import TOTALS, Figures, Said

NAMES = {
    "valid": Text("ดี", "valid"),
    "spoiled": Text("เสีย", "spoiled"),
    "no_vote": Text("ไม่เลือก", "no vote"),
    "ballots_cast": Text("ใช้สิทธิ", "cast"),
}
STAGES = {"progress": Text("ระหว่างนับ", "progress"), "final": Text("ผลสุดท้าย", "final")}
HELP = Text(
    "วิธีส่ง: เขต จบ 1=212 2=35 ดี=247 เสีย=6 ไม่เลือก=9 ใช้สิทธิ=262\nบัญชีรายชื่อใช้คำว่า บัญชี ยังนับไม่จบใช้คำว่า นับ"
    "\nดูแลหลายหน่วย พิมพ์เลขหน่วยนำหน้า",
    "How: C F 1=212 2=35 V=247 X=6 N=9 B=262\nL for the list, P while counting goes on\nSeveral stations: its number first",
)
BOUND = Text(
    "ผูกบัญชีนี้กับคุณแล้ว ส่งคะแนนทางนี้ได้เลย พิมพ์ ช่วย เพื่อดูวิธีส่ง", "This account is yours now. Write HELP to see how to report"
)
ONLY_WORDS = Text("อ่านได้เฉพาะข้อความตัวอักษร พิมพ์ ช่วย เพื่อดูวิธีส่ง", "Only written messages can be read. Write HELP to see how")
SEND_AGAIN = Text("พิมพ์ ช่วย เพื่อดูวิธีส่ง", "Write HELP to see how")


def heard(said: Said, ballot: Text) -> Text:
    """Read back what was understood."""
    station = said.sheet.rpartition("/")[0]
    figures, stage = figures_of(said.figures), STAGES[said.stage]
    return Text(
        f"หน่วย {station} {ballot.th} {stage.th}\n{figures.th}",
        f"Station {station} {ballot.en} {stage.en}\n{figures.en}",
    )


def ask(read_back: Text, doubts: list[Text], marks: str) -> Text:
    """Ask to confirm what was read back."""
    words = Text(
        "ถ้าตรงกับแบบ ส.ส. 5/18 ทุกช่อง ตอบ: ใช่ {marks}\nถ้าผิด พิมพ์ใหม่ทั้งข้อความ",
        "If each figure is right, answer: OK {marks}\nIf not, send it all again",
    )
    parts = [read_back, *(Text(f"! {doubt.th}", f"! {doubt.en}") for doubt in doubts), words.fill(marks=marks)]
    return Text("\n".join(part.th for part in parts), "\n".join(part.en for part in parts))


def ask_to_replace(read_back: Text, before: Text, doubts: list[Text], code: str) -> Text:
    """Ask whether other figures may replace what stands; the code goes to the telephone or account of who said it, and nowhere else."""
    words = Text(
        "คุณเคยส่งไว้ว่า\n{before}\nถ้าจะแก้เป็นตัวเลขใหม่ ตอบ: ใช่ {code}\nถ้าคุณไม่ได้ส่งเอง ไม่ต้องตอบ ตัวเลขเดิมยังอยู่",
        "You sent before:\n{before}\nTo replace that, answer: OK {code}\nIf you did not write this, do nothing: it stands",
    )
    said = Text(words.th.format(before=before.th, code=code), words.en.format(before=before.en, code=code))
    parts = [read_back, *(Text(f"! {doubt.th}", f"! {doubt.en}") for doubt in doubts), said]
    return Text("\n".join(part.th for part in parts), "\n".join(part.en for part in parts))


def taken(read_back: Text, *, replaced: bool) -> Text:
    """Say that a report is kept."""
    if replaced:
        return Text(f"แก้แล้ว ใช้แทนของเดิม\n{read_back.th}", f"Corrected; it replaces the earlier one\n{read_back.en}")
    return Text(
        f"บันทึกแล้ว ขอบคุณ\n{read_back.th}\nถ้าผิด พิมพ์ใหม่ทั้งข้อความ",
        f"Kept, thank you\n{read_back.en}\nIf wrong, send it all again",
    )


def apart(reply: Text) -> Text:
    """Say beside an answer that the person's app said otherwise."""
    return Text(
        f"{reply.th}\nตัวเลขนี้ไม่ตรงกับที่ส่งจากแอป มีสัญญาณแล้วโปรดแก้ในแอปด้วย",
        f"{reply.en}\nYour app sent other figures; correct them there too when you have data",
    )


def known(read_back: Text) -> Text:
    """Say that the same was kept before."""
    return Text(f"ได้รับไว้แล้วก่อนหน้านี้\n{read_back.th}", f"This was kept before\n{read_back.en}")


def doubts(figures: Figures) -> list[Text]:
    """Say which sums do not add up; what is not given raises no doubt."""
    found = []
    votes = sum(figures.votes.values())
    if figures.votes and figures.valid is not None and votes != figures.valid:
        found.append(
            Text(
                f"คะแนนทุกเบอร์รวมได้ {votes} แต่บัตรดี {figures.valid}",
                f"votes make {votes}, valid ballots are {figures.valid}",
            )
        )
    parts = (figures.valid, figures.spoiled, figures.no_vote)
    if figures.ballots_cast is not None and None not in parts:
        total = sum(part or 0 for part in parts)
        if total != figures.ballots_cast:
            found.append(
                Text(
                    f"ดี+เสีย+ไม่เลือก รวมได้ {total} แต่ผู้มาใช้สิทธิ {figures.ballots_cast}",
                    f"valid, spoiled and no vote make {total}, ballots cast are {figures.ballots_cast}",
                )
            )
    return found


def figures_of(figures: Figures) -> Text:
    """Say figures: votes, then what was given of the totals."""
    votes = " ".join(f"{number}={count}" for number, count in figures.votes.items())
    given = [(NAMES[name], getattr(figures, name)) for name in TOTALS if getattr(figures, name) is not None]
    th = " ".join(f"{name.th}={count}" for name, count in given)
    en = " ".join(f"{name.en}={count}" for name, count in given)
    return Text("\n".join(filter(None, (votes, th))), "\n".join(filter(None, (votes, en))))
