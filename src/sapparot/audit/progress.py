"""A bar on the error stream while an audit runs; nothing when nobody looks at it."""

from __future__ import annotations

from typing import TextIO

from sapparot.base.clock import monotonic
from sapparot.base.text import Text

STAGES = {
    "download": Text("ดาวน์โหลด", "downloading"),
    "entries": Text("คำนวณค่าแฮช", "hashing entries"),
    "signatures": Text("ตรวจลายมือชื่อ", "verifying signatures"),
    "photographs": Text("ตรวจภาพถ่าย", "hashing photographs"),
    "files": Text("ตรวจไฟล์ผล", "hashing published files"),
    "recount": Text("นับใหม่จากบันทึก", "counting again"),
}
CELLS = 30
EVERY = 0.1
"""Seconds between two pictures of the bar."""


class Bar:
    """Draws how far each stage is; a line for each."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty()
        self._stage = ""
        self._began = self._drawn = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` is done in a stage."""
        if not self._shown:
            return
        now = monotonic()
        if stage != self._stage:
            self.close()
            self._stage, self._began, self._drawn = stage, now, 0.0
        if done < total and now - self._drawn < EVERY:
            return
        self._drawn = now
        full = CELLS * done // max(1, total)
        words = STAGES[stage]
        share = f"{done:,}/{total:,}" if total > 1 else ""
        line = f"{words.th} · {words.en} {'█' * full}{'░' * (CELLS - full)} {share} {now - self._began:,.0f} s"
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()

    def close(self) -> None:
        """End the line."""
        if self._stage and self._shown:
            self._stream.write("\n")
            self._stage = ""
