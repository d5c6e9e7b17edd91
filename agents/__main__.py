"""The command `saring`."""

from __future__ import annotations

import os
import sys

INTERNAL = 70
INTERRUPTED = 130


def main() -> None:
    """Run the command line. A fault of ours is told in one line; `SARING_DEBUG=1` shows where it happened."""
    try:
        from agents.cli.main import create

        create()(prog_name="saring")
    except KeyboardInterrupt:  # before a command has taken over Ctrl-C, such as while modules are loaded
        sys.exit(INTERRUPTED)
    except Exception as error:  # the last line of defence before a user would see a traceback
        if os.environ.get("SARING_DEBUG"):
            raise
        from agents.cli.output import UNREACHABLE
        from agents.kafka.admin import is_refusal

        if is_refusal(error):
            print(f"saring: Kafka does not answer, or refuses: {error or type(error).__name__}", file=sys.stderr)
            sys.exit(UNREACHABLE)
        print(f"saring: internal fault: {type(error).__name__}: {error}. Please report it; SARING_DEBUG=1 shows where.",
              file=sys.stderr)  # fmt: skip
        sys.exit(INTERNAL)


if __name__ == "__main__":
    main()
