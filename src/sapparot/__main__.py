"""``python -m sapparot``."""

from sapparot.cli import main

main()
