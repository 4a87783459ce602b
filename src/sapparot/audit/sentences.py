"""The sentences of an audit about photographs and published files."""

from __future__ import annotations

from sapparot.audit.facts import Grade
from sapparot.base.text import Text

OF_FILES: dict[str, tuple[Grade, Text]] = {
    # Evidence
    "evidence.altered": (
        "fails",
        Text(
            "ภาพถ่ายนี้ไม่ใช่ภาพที่บันทึกสาธารณะระบุ ถูกเปลี่ยนหรือแก้",
            "The photograph is not the one that the log names: it was swapped or changed",
        ),
    ),
    "evidence.doubled": (
        "fails",
        Text(
            "ภาพต้นฉบับนี้มีสำเนาอื่นแล้วที่ตำแหน่ง {first}",
            "The original of this photograph already has another published copy, at position {first}",
        ),
    ),
    "evidence.missing": ("note", Text("ไม่มีภาพถ่ายนี้ในสำเนา", "The photograph is not in this copy")),
    # Snapshots
    "snapshot.recount": (
        "fails",
        Text(
            "นับใหม่จากบันทึกสาธารณะแล้วภาพรวมนี้ออกมาไม่เหมือนที่เผยแพร่: {why}",
            "Counted again from the log, this snapshot does not come out as it was published: {why}",
        ),
    ),
    "snapshot.manifest": (
        "fails",
        Text(
            "รายการไฟล์ของภาพรวมนี้ไม่ใช่ฉบับที่อยู่ในบันทึกสาธารณะ",
            "The manifest of this snapshot is not the one that stands in the log",
        ),
    ),
    "snapshot.signature": (
        "fails",
        Text("ลายมือชื่อของรายการไฟล์ใช้ไม่ได้", "The signature of the manifest does not hold"),
    ),
    "snapshot.other_key": (
        "fails",
        Text(
            "กุญแจของรายการไฟล์ในสำเนานี้ไม่ใช่กุญแจที่ประกาศในบันทึกสาธารณะ",
            "The publication key in this copy is not the one that the log announced",
        ),
    ),
    "snapshot.unsigned": (
        "note",
        Text(
            "ลายมือชื่อของรายการไฟล์หรือกุญแจของมันไม่อยู่ในสำเนา จึงเทียบรายการไฟล์กับบันทึกสาธารณะเท่านั้น",
            "The signature of the manifest, or its key, is not in the copy: the manifest is held to the log alone",
        ),
    ),
    "snapshot.file": (
        "fails",
        Text(
            "ไฟล์ของภาพรวมถูกแก้: ไม่ตรงกับค่าแฮชในรายการไฟล์",
            "A published file was edited: it does not have the hash in its manifest",
        ),
    ),
    "snapshot.stranger": (
        "note",
        Text(
            "ไฟล์นี้อยู่ข้างภาพรวมแต่ไม่ได้เป็นส่วนหนึ่งของภาพรวมใด ไม่มีใครลงนาม อย่าเชื่อ",
            "This file stands beside snapshots and belongs to none; nobody signed it, and it is not to be relied on",
        ),
    ),
    "snapshot.pruned": (
        "note",
        Text(
            "ไม่มีไฟล์ของภาพรวมนี้ในสำเนา ผู้ดูแลอาจลบของเก่าได้",
            "Files of this snapshot are not in the copy; an operator may remove old ones",
        ),
    ),
    "snapshot.unlogged": (
        "fails",
        Text("ภาพรวมนี้ไม่มีในบันทึกสาธารณะ", "This snapshot does not stand in the log"),
    ),
    "snapshot.ahead": (
        "gap",
        Text(
            "ภาพรวมนี้ใหม่กว่าหัวบันทึกในสำเนา จึงตรวจไม่ได้ โปรดทำสำเนาใหม่",
            "This snapshot is newer than the ledger checkpoint of the copy and cannot be judged; make the copy again",
        ),
    ),
    "snapshot.unfinished": (
        "note",
        Text("โฟลเดอร์นี้ไม่มีรายการไฟล์ จึงไม่ใช่ภาพรวมที่เผยแพร่", "This folder has no manifest: it is not a published snapshot"),
    ),
    "snapshot.last_missing": (
        "gap",
        Text("ไม่มีไฟล์ของภาพรวมล่าสุดในสำเนา", "Files of the last snapshot are not in this copy"),
    ),
    "latest.differs": (
        "fails",
        Text("ตัวชี้ภาพรวมล่าสุดไม่ตรงกับบันทึกสาธารณะ", "The pointer to the newest snapshot does not agree with the log"),
    ),
    "latest.behind": (
        "note",
        Text(
            "ตัวชี้บอกภาพรวมที่ {n} แต่ในบันทึกสาธารณะมีถึงภาพรวมที่ {last} ผู้ที่ตามตัวชี้นี้เห็นผลเก่า",
            "The pointer names snapshot {n}, but the log names {last}: who follows the pointer sees an older result",
        ),
    ),
    "latest.missing": ("note", Text("ไม่มีตัวชี้ภาพรวมล่าสุด", "The pointer to the newest snapshot is not in the copy")),
    "definition.altered": (
        "fails",
        Text(
            "ข้อกำหนดของการเลือกตั้งถูกแก้: ไม่ตรงกับชื่อของมัน",
            "The definition of the election was edited: it does not have the hash in its name",
        ),
    ),
    "definition.missing": (
        "note",
        Text(
            "ไม่มีข้อกำหนดของการเลือกตั้งที่ภาพรวมใช้อยู่ในสำเนา บันทึกสาธารณะกำหนดเนื้อหาของมันไว้แล้ว",
            "The definition of the election on which snapshots rest is not in the copy; the log determines what it says",
        ),
    ),
}
