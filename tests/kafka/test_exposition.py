"""Several metrics pages as one."""

from __future__ import annotations

import http.client
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from agents.kafka.exposition import merge
from agents.kafka.overview import serve_overview

PAGE = """# HELP a_total As.
# TYPE a_total counter
a_total{kind="x y"} 3.0
# HELP up Up.
# TYPE up gauge
up 1.0
"""


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ({}, ""),
        ({"0": "up 1\n"}, 'up{process="0"} 1\n'),
        (
            {"0": PAGE, "1": "# HELP up Up.\n# TYPE up gauge\nup 0.0\n"},
            '# HELP a_total As.\n# TYPE a_total counter\na_total{process="0",kind="x y"} 3.0\n'
            '# HELP up Up.\n# TYPE up gauge\nup{process="0"} 1.0\nup{process="1"} 0.0\n',
        ),
        ({"0": 'h{le="+Inf"} 4 1700000000\n'}, 'h{process="0",le="+Inf"} 4 1700000000\n'),
        ({"0": 'h{v="a } b"} 4\n'}, 'h{process="0",v="a } b"} 4\n'),
    ],
)
def test_merge(pages: dict[str, str], expected: str) -> None:
    assert merge(pages) == expected


class _Child(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if self.path == "/readyz" else 200)
        self.end_headers()
        self.wfile.write(b"up 1\n" if self.path == "/metrics" else b"lists not loaded")

    def log_message(self, format: str, *args: object) -> None:
        pass


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_one_address_for_all_workers() -> None:
    child = HTTPServer(("127.0.0.1", 0), _Child)
    Thread(target=child.serve_forever, daemon=True).start()
    ports = {"0": child.server_port}
    overview = serve_overview(("127.0.0.1", 0), lambda: ports, lambda: "exits 2\n")
    try:
        assert _get(overview.server_port, "/metrics") == (200, 'up{process="0"} 1\nexits 2\n')
        assert _get(overview.server_port, "/healthz") == (200, "0: lists not loaded\n")
        assert _get(overview.server_port, "/readyz") == (503, "0: lists not loaded\n")
        assert _get(overview.server_port, "/else")[0] == 404
        ports["1"] = 1  # nobody listens there
        assert _get(overview.server_port, "/healthz")[0] == 503
        assert _get(overview.server_port, "/metrics")[1].startswith('up{process="0"} 1')
    finally:
        overview.shutdown()
        overview.server_close()
        child.shutdown()
        child.server_close()
