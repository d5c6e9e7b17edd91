"""One address for the metrics and the health of all workers of a supervisor."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from agents.kafka.exposition import merge

_SECONDS = 3.0
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
Ports = Callable[[], Mapping[str, int]]  # name of each worker that runs → the loopback port of its own page


def serve_overview(address: tuple[str, int], ports: Ports, own: Callable[[], str]) -> ThreadingHTTPServer:
    """Answer in a thread until `shutdown()`: /metrics merged with the supervisor's `own` page, /healthz, /readyz.

    A worker that does not answer is missing in the metrics, and makes the health page fail.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """One of the three pages."""
            path = self.path.split("?")[0]
            answers = _ask(ports(), path)
            if path == "/metrics":
                self._send(
                    200, merge({name: text for name, (status, text) in answers.items() if status == 200}) + own()
                )
            elif path in ("/healthz", "/readyz"):
                good = bool(answers) and all(status == 200 for status, _ in answers.values())
                self._send(
                    200 if good else 503, "".join(f"{name}: {text.strip()}\n" for name, (_, text) in answers.items())
                )
            else:
                self._send(404, "")

        def _send(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", _TEXT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a scrape every few seconds is no news."""

    server = ThreadingHTTPServer(address, Handler)
    threading.Thread(target=server.serve_forever, name="overview", daemon=True).start()
    return server


def _ask(ports: Mapping[str, int], path: str) -> dict[str, tuple[int, str]]:
    if not ports:
        return {}
    with ThreadPoolExecutor(len(ports)) as pool:
        return dict(zip(ports, pool.map(lambda port: _get(port, path), ports.values()), strict=True))


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except OSError as error:
        return 503, f"does not answer ({error})"
    finally:
        connection.close()
