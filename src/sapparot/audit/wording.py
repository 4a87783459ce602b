"""The sentences of an audit: what each code means, in words that can be read out in a court. `{names}` are filled in."""

from __future__ import annotations

from sapparot.audit.facts import Finding, Grade
from sapparot.audit.sentences import OF_FILES
from sapparot.base.text import Language, Text

LANGUAGES: tuple[Language, ...] = ("th", "en")

SENTENCES: dict[str, tuple[Grade, Text]] = {
    # Checkpoints
    "key.differs": (
        "fails",
        Text(
            "กุญแจของบันทึกสาธารณะในสำเนานี้ไม่ใช่กุญแจที่กำหนดไว้",
            "The key of the log in this copy is not the key that was given",
        ),
    ),
    "key.changed": (
        "fails",
        Text(
            "กุญแจของบันทึกสาธารณะในสำเนานี้ไม่ใช่กุญแจที่เคยเห็นในบันทึกสาธารณะชื่อเดียวกัน ({state}) "
            "หากเป็นบันทึกสาธารณะอื่นที่ใช้ชื่อเดียวกัน ให้ระบุกุญแจด้วย --key หรือใช้ --state แยกกัน",
            "The key of the log in this copy is not the one that a log of this name had in an earlier audit ({state}). "
            "If this is another log that bears the same name, give its key with --key, or each its own --state",
        ),
    ),
    "key.unpinned": (
        "note",
        Text(
            "กุญแจของบันทึกสาธารณะมาจากสำเนานี้เอง โปรดเทียบกับที่อื่น: {key}",
            "The key of the log was taken from this very copy; compare it with another source: {key}",
        ),
    ),
    "key.unreadable": ("fails", Text("อ่านกุญแจของบันทึกสาธารณะไม่ได้: {why}", "The key of the log cannot be read: {why}")),
    "checkpoint.missing": ("gap", Text("ไม่มีหัวบันทึกที่ลงนาม", "There is no signed ledger checkpoint")),
    "checkpoint.unsigned": (
        "fails",
        Text(
            "หัวบันทึกไม่ได้ลงนามด้วยกุญแจของบันทึกสาธารณะ: {why}",
            "The ledger checkpoint is not signed by the key of the log: {why}",
        ),
    ),
    "checkpoint.rolled_back": (
        "fails",
        Text(
            "หัวบันทึกนี้มี {size} รายการ แต่กุญแจเดียวกันเคยลงนามว่ามี {seen} รายการ สำเนานี้เก่า หรือบันทึกสาธารณะถูกย้อนกลับ",
            "This checkpoint holds {size} entries, but the same key has signed {seen}: the copy is old, or the log was rolled back",
        ),
    ),
    "checkpoint.forked": (
        "fails",
        Text(
            "กุญแจเดียวกันลงนามหัวบันทึกสองฉบับที่มี {seen} รายการเท่ากันแต่เนื้อหาต่างกัน บันทึกสาธารณะจึงมีสองฉบับ",
            "The same key has signed two ledger checkpoints of {seen} entries with different contents: the log was forked",
        ),
    ),
    "checkpoint.rewritten": (
        "fails",
        Text(
            "{seen} รายการที่ลงนามไว้ก่อนไม่ใช่จุดเริ่มของบันทึกสาธารณะนี้ มีรายการในนั้นถูกแก้ ลบ หรือสลับที่",
            "The {seen} entries that were signed before are not the beginning of this log: some of them were changed, removed or moved",
        ),
    ),
    "checkpoint.other_unsigned": (
        "gap",
        Text("หัวบันทึกที่ให้มาเทียบใช้ไม่ได้: {why}", "A checkpoint that was given for comparison cannot be used: {why}"),
    ),
    "checkpoint.no_quorum": (
        "fails",
        Text("ผู้ร่วมลงนามยังไม่ครบตามนโยบาย: {why}", "The cosigners that the policy asks for have not all signed: {why}"),
    ),
    "checkpoint.quorum_before": (
        "note",
        Text(
            "ผู้ร่วมลงนามครบตามนโยบายสำหรับ {seen} รายการแรก ส่วนหัวบันทึกล่าสุดที่มี {size} รายการ ยังรอลายมือชื่อของ {why}",
            "Enough cosigners signed the first {seen} entries; the newest checkpoint, of {size}, still waits for {why}",
        ),
    ),
    "checkpoint.cosigned_ahead": (
        "note",
        Text(
            "หัวบันทึกที่แสดงว่ามีผู้ร่วมลงนามมี {seen} รายการ แต่หัวบันทึกในสำเนามีเพียง {size} รายการ สำเนานี้ทำขณะบันทึกสาธารณะยาวขึ้น "
            "หรือบันทึกสาธารณะถูกย้อนกลับ โปรดทำสำเนาใหม่",
            "The checkpoint that is shown as cosigned holds {seen} entries, the newest one in this copy only {size}: "
            "the copy was made while the log grew, or the log was rolled back; make the copy again",
        ),
    ),
    "checkpoint.not_judged": (
        "note",
        Text(
            "ไม่ได้ระบุนโยบายว่าเชื่อถือใครบ้าง จึงยังไม่ได้ตรวจลายมือชื่อผู้ร่วมลงนามบนหัวบันทึกนี้ ซึ่งมี {number} ราย",
            "No policy was given, so the cosignatures on this checkpoint are not judged: {number}",
        ),
    ),
    "checkpoint.not_cosigned": (
        "note",
        Text(
            "ไม่ได้ระบุนโยบายว่าเชื่อถือใครบ้าง และหัวบันทึกนี้มีเพียงลายมือชื่อของบันทึกสาธารณะเอง ไม่มีผู้ร่วมลงนาม",
            "No policy was given: no cosignature stands on this checkpoint, it is signed by the log only",
        ),
    ),
    # Entries and hashes
    "log.missing": (
        "gap",
        Text("อ่านรายการที่ {first} ถึง {last} ไม่ได้: {why}", "Entries {first} to {last} cannot be read: {why}"),
    ),
    "log.root": (
        "fails",
        Text(
            "รายการทั้ง {size} รายการไม่ให้ค่าแฮชที่ลงนามไว้ มีรายการถูกแก้ ลบ เพิ่ม หรือสลับที่",
            "The {size} entries do not give the hash that was signed: entries were changed, removed, added or moved",
        ),
    ),
    "log.leaf": (
        "fails",
        Text("รายการนี้ไม่ตรงกับค่าแฮชของมันในไทล์", "The entry does not have the hash that the tile gives for it"),
    ),
    "log.tile": ("fails", Text("ไทล์ของค่าแฮชไม่ตรงกับรายการ", "A tile of hashes does not follow from the entries")),
    "log.tile_missing": ("gap", Text("ไม่มีไทล์ของค่าแฮชนี้", "This tile of hashes is missing")),
    "entry.unreadable": (
        "fails",
        Text("รายการไม่อยู่ในรูปแบบของบันทึกสาธารณะ: {why}", "The entry is not in the form that the log prescribes: {why}"),
    ),
    "entry.kind_unknown": (
        "note",
        Text(
            "โปรแกรมนี้ไม่รู้จักรายการชนิด {kind} ซึ่งมี {number} รายการ และไม่ได้นับสิ่งใดจากรายการเหล่านี้",
            "This program does not know entries of kind {kind}, of which there are {number}, and counted nothing from them",
        ),
    ),
    # Signatures
    "report.unenrolled": (
        "fails",
        Text(
            "ลงนามโดยเครื่องที่ไม่มีเครือข่ายใดลงทะเบียนไว้ก่อนรายการนี้ ({kid})",
            "Signed by a device that no network had enrolled before this entry ({kid})",
        ),
    ),
    "report.signature": (
        "fails",
        Text(
            "ลายมือชื่อไม่ใช่ของเครื่อง {kid} ตัวเลขหรือข้อความถูกแก้หลังลงนาม หรือเครื่องนั้นไม่เคยส่ง",
            "The signature is not that of device {kid}: the figures were changed after they were signed, or that device never sent them",
        ),
    ),
    "report.replayed": (
        "fails",
        Text(
            "รายงานฉบับเดียวกันอยู่ในบันทึกสาธารณะแล้วที่ตำแหน่ง {first} จึงถูกใส่ซ้ำ",
            "The same signed report already stands at position {first}: it was replayed",
        ),
    ),
    "report.backdated": (
        "note",
        Text(
            "ตามรายการนี้ รายงานเข้ามาเมื่อ {at} แต่รายการก่อนหน้าไปถึง {reached} แล้ว โปรดถามผู้ดูแลระบบว่าเวลานี้มาจากไหน "
            "เพราะเวลานี้ตัดสินว่าเครื่องยังใช้ได้และหน่วยปิดแล้วหรือไม่",
            "Taken in at {at} by its entry, but entries before it reach {reached}: ask the operator how that time came about, "
            "for it decides whether the device held and the stations had closed",
        ),
    ),
    "report.after_revocation": (
        "note",
        Text(
            "เครื่องถูกเพิกถอนก่อนรายงานนี้ รายงานจึงไม่นับ",
            "The device was revoked before this report, which therefore does not count",
        ),
    ),
    "report.outside": (
        "note",
        Text(
            "เวลาที่รับรายงานนี้อยู่นอกช่วงที่เครื่อง {kid} ลงทะเบียนไว้ รายงานจึงไม่นับ",
            "This report was taken in outside the time for which device {kid} is enrolled, and therefore does not count",
        ),
    ),
    "enrolment.signature": (
        "fails",
        Text(
            "การลงทะเบียนหรือเพิกถอนเครื่องไม่ได้ลงนามโดยเครือข่าย {network}",
            "The enrolment or revocation of a device is not signed by network {network}",
        ),
    ),
    "enrolment.old_key": (
        "note",
        Text(
            "ลงนามด้วยกุญแจเก่าที่เครือข่าย {network} เลิกใช้แล้ว จึงไม่มีผล",
            "Signed with a key that network {network} had replaced before, and therefore void",
        ),
    ),
    "enrolment.network": (
        "fails",
        Text("ไม่มีเครือข่าย {network} อยู่ก่อนรายการนี้", "No network {network} was announced before this entry"),
    ),
    "enrolment.key": (
        "fails",
        Text("ชื่อของเครื่องไม่ตรงกับกุญแจของมัน", "The name of the device does not follow from its key"),
    ),
    "enrolment.same": (
        "fails",
        Text(
            "เครื่องแรกของเจ้าของที่อ้างถึงไม่ใช่เครื่องในเครือข่ายเดียวกันที่ลงทะเบียนไว้ก่อน",
            "The earlier device of the same person that it names was not enrolled before by the same network",
        ),
    ),
    "enrolment.repeated": (
        "note",
        Text(
            "การลงทะเบียนเครื่องที่ลงนามไว้ตรงนี้เคยอยู่ที่ตำแหน่ง {first} และถูกแทนที่ไปแล้ว จึงกลับมามีผลอีก โปรดถามเครือข่าย {network} ว่าตั้งใจหรือไม่",
            "The same signed enrolment stood at position {first} and had been replaced; it is in force again. "
            "Ask network {network} whether it meant that",
        ),
    ),
    "enrolment.late": (
        "note",
        Text(
            "เครือข่าย {network} ให้เครื่องหนึ่งมีระดับ {level} หลังรายงานฉบับแรก เครื่องระดับนี้อาจร่วมวินิจฉัยได้",
            "Network {network} gave a device level {level} after the first report; devices of this level may take part in decisions",
        ),
    ),
    "network.again": (
        "note",
        Text(
            "มีการประกาศเครือข่าย {network} อีกครั้งด้วยกุญแจเดิม ชื่ออาจเปลี่ยน",
            "Network {network} is announced again, with the key that it has; its name may have changed",
        ),
    ),
    "network.rekeyed": ("note", Text("เครือข่าย {network} เปลี่ยนกุญแจ", "Network {network} has a new key from here on")),
    "network.shared_key": (
        "note",
        Text(
            "เครือข่าย {network} ใช้กุญแจเดียวกับเครือข่าย {other} ผู้ที่ลงทะเบียนเครื่องให้เครือข่ายหนึ่งทำแทนอีกเครือข่ายได้ จึงไม่ควรถือว่าเป็นอิสระต่อกัน",
            "Network {network} has the key of network {other}: whoever enrols devices for one can do so for the other, "
            "and the two should not be taken for independent",
        ),
    ),
    "network.disguised": (
        "note",
        Text(
            "ชื่อย่อของเครือข่าย {network} มีอักขระที่มองไม่เห็นหรือคล้ายอักขระอื่น อย่าเข้าใจว่าเป็นเครือข่ายอื่น",
            "The id of network {network} holds signs that cannot be seen or that look like others; do not take it for another network",
        ),
    ),
    "election.again": (
        "note",
        Text(
            "มีข้อกำหนดของการเลือกตั้งอีกชุดหนึ่งตั้งแต่รายการนี้ ({election}) ไม่เปลี่ยนสิ่งใดที่นับ เพราะมาช้าไป เป็นของการเลือกตั้งอื่น หรือไม่ครบ",
            "Another definition of an election begins here ({election}) and changes nothing that is counted: "
            "it came too late, is of another election, or is not whole",
        ),
    ),
    "election.corrected": (
        "note",
        Text(
            "ข้อกำหนดของการเลือกตั้งที่เริ่มตรงนี้และครบที่ตำแหน่ง {end} แทนชุดก่อนหน้า ซึ่งยังไม่มีสิ่งใดอ้างอิง โปรดดูว่าเปลี่ยนอะไร",
            "The definition that begins here and is whole at position {end} takes the place of the one before it, "
            "on which nothing rested yet; look at what it changes",
        ),
    ),
    "policy.again": (
        "note",
        Text(
            "นโยบายการนับเปลี่ยนตั้งแต่รายการนี้ โปรดดูว่าเปลี่ยนอะไร",
            "Another policy of the count is in force from here on; look at what it changes",
        ),
    ),
    "decision.signature": (
        "fails",
        Text(
            "คำวินิจฉัยไม่มีลายมือชื่อที่ใช้ได้ของผู้วินิจฉัย: {why}",
            "The decision does not carry a valid signature of whoever decided: {why}",
        ),
    ),
    "promise_key.other_log": (
        "fails",
        Text("กุญแจของคำสัญญาเป็นของบันทึกสาธารณะอื่น ({log})", "The key of the promises is of another log ({log})"),
    ),
    **OF_FILES,
    # Conclusions
    "conclusion.differs": (
        "fails",
        Text(
            "รายการชนิด {kind} นี้ไม่ได้เป็นผลตามกฎจากรายการก่อนหน้า: {why}",
            "This {kind} does not follow by the rules from the entries before it: {why}",
        ),
    ),
    "conclusion.waiting": (
        "note",
        Text(
            "บันทึกสาธารณะสิ้นสุดก่อนข้อสรุป {number} รายการได้ที่ของมัน",
            "The log ends before {number} conclusions have got their place",
        ),
    ),
    "source.unread": ("gap", Text("อ่านไฟล์นี้ไม่ได้: {why}", "This file cannot be read: {why}")),
}


def found(code: str, position: int | None = None, file: str | None = None, **values: object) -> Finding:
    """Give a finding of a code; `values` fill its sentence."""
    grade, sentence = SENTENCES[code]
    th, en = (
        sentence.say(lang).format(**{name: _shown(value, lang) for name, value in values.items()}) for lang in LANGUAGES
    )
    return Finding(code, grade, Text(th, en), position, None if file is None else plain(file, 1000))


def _shown(value: object, lang: Language) -> str:
    said = value.say(lang) if isinstance(value, Text) else value
    return f"{said:,}" if isinstance(said, int) else plain(said)


def plain(value: object, most: int = 200) -> str:
    """Shorten what a stranger wrote, without control characters."""
    return "".join(character if character.isprintable() else "?" for character in str(value)[:most])
