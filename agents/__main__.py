"""The command `saring`."""

from __future__ import annotations

import os
import sys

INTERNAL = 70


def main() -> None:
    """Run the command line. A fault of ours is told in one line; `SARING_DEBUG=1` shows where it happened."""
    from agents.cli.main import create
    from agents.cli.output import complain

    try:
        create()(prog_name="saring")
    except Exception as error:  # the last line of defence before a user would see a traceback
        if os.environ.get("SARING_DEBUG"):
            raise
        complain(f"internal fault: {type(error).__name__}: {error}. Please report it; SARING_DEBUG=1 shows where.")
        sys.exit(INTERNAL)


if __name__ == "__main__":
    main()
