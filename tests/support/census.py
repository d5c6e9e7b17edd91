"""`saring` with a count of its tasks in a file, every few seconds: `python -m tests.support.census FILE worker …`."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
from pathlib import Path

from agents.__main__ import main

SECONDS = 4.0


def _count(path: Path) -> None:
    while True:
        tasks = sum(isinstance(each, asyncio.Task) and not each.done() for each in gc.get_objects())
        path.write_text(str(tasks))
        time.sleep(SECONDS)


if __name__ == "__main__":
    threading.Thread(target=_count, args=(Path(sys.argv.pop(1)),), daemon=True).start()
    main()
