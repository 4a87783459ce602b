"""Where bytes from strangers are decoded: a process that may only compute and write to one file.

The server starts this file by its path, with nothing of ours or of the database in it. It waits for photographs on a socket and forks
one child for each: the child reads the photograph, gives up every right that decoding does not need, decodes, and writes the published
copy. It ends with its photograph, so a file that takes its decoder over sees no other photograph, no file, no network and no process.

What the child gives up (:func:`confine`): root, new files and sockets (``RLIMIT_NOFILE`` 0), memory and processor time beyond the limits
below, and on Linux (x86-64, AArch64) every system call but those in ``ALLOWED`` (seccomp; elsewhere the limits stand alone).
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import platform
import re
import resource
import select
import signal
import socket
import struct
import sys
from enum import IntEnum
from pathlib import Path
from types import MappingProxyType

import pillow_heif
from PIL import Image, UnidentifiedImageError

MAX_PIXELS = 1 << 26
"""Width times height of a photograph, 67 million: phones make up to 64 (larger modes join pixels)."""
COPY_SIDE = 2560
"""Longest side of the published copy, in pixels: the figures of a form that fills the picture stay legible."""
COPY_QUALITY = 80
"""libjpeg quality of the published copy (4:2:0, baseline; progressive would take twice the time for a twentieth of the bytes)."""
SCALING = Image.Resampling.HAMMING
"""As sharp as Lanczos to the eye when a picture shrinks by half, in half the time."""
COPY_BYTES = 16 << 20
MEMORY = 768 << 20
"""Bytes of address space: 64 million pixels at 4 bytes, twice, and room for the program and its threads."""
CPU_SECONDS = 15
WALL_SECONDS = 45.0
LATE = 1000
"""Reported instead of an exit code when a child used up ``WALL_SECONDS``."""
STATUS = struct.Struct("!i")
UNFIT, LIMITED, CONFINED = 0, 1, 2
"""First report of a process: it cannot decode here, it can under limits alone, it can in full confinement."""
NOBODY = 65534

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
ORIENTATION = 0x0112
UPRIGHT = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)

PDF, PDF_WITHIN = b"%PDF-", 1024
"""Programs open a PDF whose head begins within so many bytes."""
ARCHIVE = re.compile(rb"Rar!\x1a\x07[\0\1]|7z\xbc\xaf\x27\x1c\0[\0-\4]|PK\x05\x06\0{4}")
"""The last is the record that ends a ZIP of one part: some programs find the directory though its size or place is wrong."""
MARKUP = re.compile(
    rb"<(?:!doctype html|script[\s/>]|html[\s/>][\t\n\r -~]{6}|svg[\s/>][\t\n\r -~]{12}|\?php\s[\t\n\r -~]{6})"
)
"""Beginnings of pages and scripts, in small letters, with so much of what follows that compressed pixels do not make one by chance:
less than once in 10^15 bytes. Metadata of cameras (XMP) hold none of them."""
ZIP_END, ZIP64_PLACE, ZIP_ENTRY = b"PK\5\6", b"PK\6\7", b"PK\1\2"
ZIP_RECORD = struct.Struct("<12xI6x")
"""What ends a ZIP, with the size of the directory before it."""


class Outcome(IntEnum):
    """How a child ends: with a copy (the original's type), or with the reason why there is none."""

    JPEG = 10
    PNG = 11
    WEBP = 12
    HEIC = 13
    NOT_A_PHOTOGRAPH = 20
    TOO_MANY_PIXELS = 21
    ANIMATED = 22
    DAMAGED = 23
    TOO_COSTLY = 24
    NO_ROOM = 25
    ALSO_ANOTHER = 26


KINDS = MappingProxyType(
    {"JPEG": Outcome.JPEG, "MPO": Outcome.JPEG, "PNG": Outcome.PNG, "WEBP": Outcome.WEBP, "HEIF": Outcome.HEIC}
)


class Refused(Exception):
    """There will be no copy of this photograph."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.name)


def develop(photograph: bytes) -> tuple[Outcome, bytes]:
    """Return the photograph's kind and its published copy: upright, at most ``COPY_SIDE`` pixels long, nothing in it but pixels.

    Metadata, colour profiles, thumbnails, further pictures and whatever stands behind the picture stay behind: the copy is made
    from pixels alone. Raises :class:`Refused`, or anything at all on a damaged file.
    """
    image = _open(photograph)
    if also_another(photograph):
        raise Refused(Outcome.ALSO_ANOTHER)
    kind = KINDS[image.format or ""]
    turn = _turn(image)
    copy = _on_white(image)
    copy.thumbnail((COPY_SIDE, COPY_SIDE), SCALING, reducing_gap=2.0)
    if turn is not None:
        copy = copy.transpose(turn)
    clean = Image.new("RGB", copy.size)
    clean.paste(copy)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=COPY_QUALITY, subsampling="4:2:0", optimize=True)
    return kind, written.getvalue()


def _open(photograph: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(photograph), formats=FORMATS)
    except UnidentifiedImageError:
        raise Refused(Outcome.NOT_A_PHOTOGRAPH) from None
    except Image.DecompressionBombError:
        raise Refused(Outcome.TOO_MANY_PIXELS) from None
    if image.width * image.height > MAX_PIXELS:
        raise Refused(Outcome.TOO_MANY_PIXELS)
    if image.format in ("PNG", "WEBP") and getattr(image, "n_frames", 1) > 1:
        raise Refused(Outcome.ANIMATED)
    if image.mode not in MODES:
        raise Refused(Outcome.NOT_A_PHOTOGRAPH)
    return image


def also_another(photograph: bytes) -> bool:
    """Tell whether some program would take the file for a PDF, an archive (JAR and office files are ZIPs), a page or a script.

    The films and further pictures that phones put behind a photograph are none of these.
    """
    return (
        PDF in photograph[: PDF_WITHIN + len(PDF)]
        or ARCHIVE.search(photograph) is not None
        or _holds_zip(photograph)
        or MARKUP.search(photograph.lower()) is not None
    )


def _holds_zip(photograph: bytes) -> bool:
    """Tell whether a record that ends a ZIP stands behind its directory; four letters alone occur in compressed pixels."""
    place = photograph.find(ZIP_END)
    while 0 <= place <= len(photograph) - ZIP_RECORD.size:
        directory = place - ZIP_RECORD.unpack_from(photograph, place)[0]
        if directory >= 0 and photograph.startswith(ZIP_ENTRY, directory):
            return True
        if photograph.startswith(ZIP64_PLACE, max(place - 20, 0)):
            return True
        place = photograph.find(ZIP_END, place + 1)
    return False


def _turn(image: Image.Image) -> Image.Transpose | None:
    """Return how to set the picture upright; an EXIF block that cannot be read costs it the turn, not its place in the record."""
    try:
        orientation = image.getexif().get(ORIENTATION)
    except (OSError, struct.error, KeyError, SyntaxError, TypeError, ValueError, ZeroDivisionError):
        return None
    return UPRIGHT.get(orientation) if isinstance(orientation, int) else None


def _on_white(image: Image.Image) -> Image.Image:
    """Return the picture as people see it on white paper: what transparency hides is not published."""
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        seen = image.convert("RGBA")
        seen.thumbnail((COPY_SIDE, COPY_SIDE), SCALING)
        paper = Image.new("RGB", seen.size, "white")
        paper.paste(seen, mask=seen.getchannel("A"))
        return paper
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


_CALLS = MappingProxyType(
    {  # clone; write close fstat lseek mmap mprotect munmap brk mremap madvise futex getrandom clock_gettime exit exit_group
        # rt_sigprocmask set_robust_list rseq (linux/unistd.h)
        "x86_64": (0xC000003E, 56, (1, 3, 5, 8, 9, 10, 11, 12, 25, 28, 202, 318, 228, 60, 231, 14, 273, 334)),
        "aarch64": (
            0xC00000B7,
            220,
            (64, 57, 80, 62, 222, 226, 215, 214, 216, 233, 98, 278, 113, 93, 94, 135, 99, 293),
        ),
    }
)
"""Audit architecture, and the numbers of the system calls of one that computes, in threads of its own (libde265), and writes."""
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_FILTER = 2
_CLONE3, _CLONE_THREAD = 435, 0x10000
_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_ALLOW, _REFUSE, _MISSING, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def limit() -> None:
    """Give up root, new files, and memory and time beyond the limits."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (COPY_BYTES, COPY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def confine() -> bool:
    """Give up every system call that decoding does not need, for good; return False where the kernel has no such filter for us."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    program = _filter(*_CALLS[platform.machine()])
    instructions = (_Instruction * len(program))(*(_Instruction(*line) for line in program))
    filter_ = _Program(len(program), instructions)
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return not _LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(filter_), 0, 0)


def _filter(architecture: int, clone: int, allowed: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """Return the classic BPF program: (code, lines to skip when true, when false, operand)."""
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _CALL),
        (_JUMP_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _MISSING),  # its arguments cannot be seen from here; the C library then uses clone
        (_JUMP_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_SET, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
        *((_JUMP_EQUAL, len(allowed) - place, 0, number) for place, number in enumerate(allowed)),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]


def attend(photograph: int, copy: int) -> int:
    """Develop the file ``photograph`` into the file ``copy`` in a child; return its exit code, minus its signal, or ``LATE``."""
    ended, alive = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ended)
        _work(photograph, copy)
    os.close(alive)
    late = not select.select([ended], [], [], WALL_SECONDS)[0]  # readable (end of file) once the child is gone
    os.close(ended)
    if late:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return LATE if late else status


def _work(photograph: int, copy: int) -> None:
    """Be the child; whatever goes wrong in here ends this process and nothing else."""
    outcome = Outcome.DAMAGED
    try:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        with os.fdopen(photograph, "rb") as file:
            data = file.read()
        limit()
        confine()
        outcome, jpeg = develop(data)
        outcome = _write(copy, jpeg, outcome)
    except Refused as refused:
        outcome = refused.outcome
    except MemoryError:
        outcome = Outcome.TOO_COSTLY
    finally:
        os._exit(outcome)


def _write(copy: int, jpeg: bytes, outcome: Outcome) -> Outcome:
    left = memoryview(jpeg)
    try:
        while left:
            left = left[os.write(copy, left) :]
    except OSError:
        return Outcome.NO_ROOM
    return outcome


def rehearse() -> bool:
    """Develop a small picture of each kind that we can make ourselves: the confinement fits this machine's libraries."""
    for kind in ("JPEG", "PNG", "WEBP"):
        made = io.BytesIO()
        Image.new("RGB", (64, 48), "orange").save(made, kind)
        reader, writer = os.pipe()
        os.write(writer, made.getvalue())
        os.close(writer)
        with Path(os.devnull).open("wb") as copy:
            status = attend(reader, copy.fileno())
        os.close(reader)
        if status != Outcome[kind]:
            return False
    return True


def _readiness() -> int:
    child = os.fork()
    if child == 0:
        os._exit(CONFINED if confine() else LIMITED)
    confined = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return confined if rehearse() else UNFIT


def main(control: socket.socket) -> None:
    """Serve the server at the other end of ``control`` until it goes away: two files in, one status out."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=0)
    Image.init()
    os.nice(10)  # reports come first
    if sys.platform == "linux":
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(ConnectionError):  # the server is gone, and so are we
        control.sendall(STATUS.pack(_readiness()))
        while True:
            message, files, _, _ = socket.recv_fds(control, 1, 2)
            if not message:
                return
            status = attend(*files)
            for file in files:
                os.close(file)
            control.sendall(STATUS.pack(status))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
