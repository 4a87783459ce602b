"""Child processes that do not outlive us, however we end."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def end_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """Return what a child runs before its program: from then on the kernel sends it ``sign`` when its parent ends (Linux).

    The parent is the very thread that started the child; it must live as long as the process.
    """
    library = ctypes.CDLL(None) if sys.platform == "linux" else None

    def ask() -> None:
        if library is not None:
            library.prctl(_PR_SET_PDEATHSIG, sign)

    return ask
