"""How often the interpreter looks for cycles of objects that nobody needs any more.

Nearly everything here is given back at once, by counting references; what is left to be found are a few cycles of exceptions and tasks.
By default the interpreter looks after every 700 objects that stay, and again and again through everything that stays for ever: the
election, its sheets, the keys of a hundred thousand devices.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 20
"""Objects that stayed since the last look, looks at them before a look at what stayed longer, and those before a look at everything."""


def look_seldom() -> None:
    """Leave what stands now alone for ever, and look for cycles among the rest more seldom; call it when a process has begun."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
