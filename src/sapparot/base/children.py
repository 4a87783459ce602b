"""Child processes: they do not outlive us, however we end, and import only what we would."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1
_SAFE = "PYTHONSAFEPATH"


def end_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before its program: from then on the kernel sends it ``sign`` when its parent ends (Linux).

    The parent is the very thread that started the child; it must live as long as the process.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask() -> None:
        if library is not None:
            library.prctl(_PR_SET_PDEATHSIG, sign)

    return ask


@contextmanager
def nothing_from_here() -> Iterator[None]:
    """Let Python processes that begin meanwhile import nothing from the current directory: it may be a copy that somebody else made."""
    before = os.environ.get(_SAFE, "")  # empty is as good as unset
    os.environ[_SAFE] = "1"
    try:
        yield
    finally:
        os.environ[_SAFE] = before
