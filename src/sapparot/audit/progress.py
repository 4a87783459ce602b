"""A bar on the error stream while a command works; nothing when nobody looks at it."""

from __future__ import annotations

import threading
from typing import TextIO

from sapparot.base.clock import monotonic
from sapparot.base.text import Text

STAGES = {
    "download": Text("ดาวน์โหลด", "downloading"),
    "entries": Text("คำนวณค่าแฮช", "hashing entries"),
    "signatures": Text("ตรวจลายมือชื่อ", "verifying signatures"),
    "photographs": Text("ตรวจภาพถ่าย", "hashing photographs"),
    "files": Text("ตรวจไฟล์ผล", "hashing published files"),
    "recount": Text("นับใหม่จากบันทึกสาธารณะ", "counting again"),
    "nation": Text("จำลองหน่วยเลือกตั้งทั้งประเทศ", "drawing the nation"),
    "tables": Text("ตรวจตาราง", "checking tables"),
    "database": Text("เขียนลงฐานข้อมูล", "writing to the database"),
}
CELLS = 30
EVERY = 0.2
"""Seconds between two pictures of the bar."""


class Bar:
    """Draws how far each stage is, a line for each, and how long it takes; a context manager."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._state = ("", 0, 0)
        self._began = 0.0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        # Drawn by a thread, so that the seconds go on where a stage says nothing for a while.
        self._drawer = threading.Thread(target=self._draw_on, daemon=True) if stream.isatty() else None

    def __enter__(self) -> Bar:
        if self._drawer is not None:
            self._drawer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._drawer is not None:
            self._drawer.join()
            self._draw(end=True)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take note that `done` of `total` is done in a stage."""
        if self._drawer is None:
            return
        with self._lock:
            if stage != self._state[0]:
                self._draw(end=True)
                self._began = monotonic()
            self._state = (stage, done, total)

    def _draw_on(self) -> None:
        while not self._ended.wait(EVERY):
            with self._lock:
                self._draw(end=False)

    def _draw(self, *, end: bool) -> None:
        stage, done, total = self._state
        if not stage:
            return
        words, full = STAGES[stage], CELLS * done // max(1, total)
        share = f"{done:,}/{total:,}" if total > 1 else ""
        line = f"{words.th} · {words.en} {'█' * full}{'░' * (CELLS - full)} {share} {monotonic() - self._began:,.0f} s"
        self._stream.write(f"\r\x1b[K{line}" + "\n" * end)
        self._stream.flush()
