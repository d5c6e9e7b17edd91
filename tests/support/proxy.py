"""A relay that loses answers (the request was written, its sender never learns of it) or passes nothing at all on."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from types import TracebackType

_BYTES = 65_536


class Proxy:
    """Listens on a port of its own and relays to `target`; `probability` is the share of answers that are lost."""

    def __init__(self, seed: int) -> None:
        self.target = 0
        self.probability = 0.0
        self.cuts = 0
        self.open = (
            threading.Event()
        )  # while it is cleared nothing passes, and nobody is told: a network that is parted
        self.open.set()
        self._random = random.Random(seed)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.open.set()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                try:
                    broker = socket.create_connection(("127.0.0.1", self.target))
                except OSError:
                    client.close()
                    continue
                for args in ((client, broker, False), (broker, client, True)):
                    threading.Thread(target=self._relay, args=args, daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_BYTES):
                if answers and self._random.random() < self.probability:
                    self.cuts += 1
                    break
                self.open.wait()
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
