"""``sapparot``, and ``python -m sapparot``.

A process that a command starts beside itself imports the console script again, and this module with it: here nothing stands that it
would have to wait for.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; a server is started without importing what the other commands do."""
    if sys.argv[1:2] == ["up"]:
        from sapparot.up import command_line, commands

        command_line(commands)
    else:
        from sapparot.cli import main as others

        others()


if __name__ == "__main__":
    main()
