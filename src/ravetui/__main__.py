"""The command `ravetui` as ``python -m ravetui``: what a service of the system starts."""

from ravetui.cli import main

main()
