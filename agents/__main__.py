"""The command `saring`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; every error that a person can mend is told in one line, without a traceback."""
    from agents.cli.main import create

    create()(prog_name="saring")


if __name__ == "__main__":
    sys.exit(main())
