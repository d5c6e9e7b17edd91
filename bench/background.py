"""Work beside a block of code: load while something is watched, a reader while something is measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run `work` in a thread while the block runs. Its event is set at the end of the block, which waits for it."""
    ended = threading.Event()
    thread = threading.Thread(target=work, args=(ended,))
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
