"""`make operate-stack`: the compose file's commands on this machine, without Docker, with the very same config files.

Everything runs in a network and mount namespace of its own, so that the names and ports of the compose file are true
there: `kafka:9092`, `worker-1:9090`. Not run: the images themselves and what Docker enforces (users, read-only roots,
volumes, restarts), and Grafana, which no Debian package brings.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.cluster import JAVA, library
from bench.operate_stage import ROOT, until

SERVICES: Mapping[str, Mapping[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
LEFT_OUT = ("grafana",)
# What the image's Dockerfile says.
IMAGE = {"SARING_METRICS__PORT": "9090", "SARING_LOGS__FORMAT": "json"}
BINARIES = {"prometheus": "prometheus", "alertmanager": "prometheus-alertmanager"}
PAGES = {"prometheus": 9090, "alertmanager": 9093}
LIMIT_SECONDS = 120.0


def enter() -> None:
    """Begin again as root of namespaces of our own; returns only inside."""
    if "--inside" not in sys.argv:
        command = ["unshare", "--map-root-user", "--net", "--mount", sys.executable, "-m", "bench.operate_stack"]
        os.execvp(command[0], [*command, "--inside"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


@dataclass
class Stack:
    """What runs, under the services' names."""

    folder: Path
    jars: Path
    addresses: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.addresses = {name: f"127.0.1.{number}" for number, name in enumerate(SERVICES, 1)}
        hosts = self.folder / "hosts"
        names = "".join(f"{address} {name}\n" for name, address in self.addresses.items())
        # A container knows its own name too: Kafka asks for it where a listener names no host.
        hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n{names}")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)

    def start(self, name: str) -> None:
        """Start a service and, as its dependants would, wait until it is well or has done its work."""
        service, began = SERVICES[name], time.monotonic()
        command, environment = self._command(name, service)
        log = (self.folder / f"{name}.log").open("wb")
        process = subprocess.Popen(
            command, env=os.environ | environment, stdout=log, stderr=log, cwd=ROOT, start_new_session=True
        )
        if service.get("restart") == "no":
            if code := process.wait(LIMIT_SECONDS):
                raise RuntimeError(f"{name} ended with {code}: {self._last_words(name)}")
        else:
            self.running[name] = process
            until(lambda: self._well(name, process), f"{name} is well", LIMIT_SECONDS)
        print(
            f"  {name}: {'done' if process.poll() == 0 else 'well'} after {time.monotonic() - began:.1f} s", flush=True
        )

    def _last_words(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()[-2000:]

    def _command(self, name: str, service: Mapping[str, Any]) -> tuple[Sequence[str | Path], dict[str, str]]:
        environment = {key: str(value) for key, value in service.get("environment", {}).items()}
        if service["image"].startswith("saring"):
            environment |= IMAGE | {
                "SARING_CONFIG": str(self._mounted(service, environment["SARING_CONFIG"])),
                "SARING_METRICS__HOST": self.addresses[name],
                "SARING_CACHE_DIR": str(self.folder / "cache" / name),
            }
            return [sys.executable, "-m", "agents", *service["command"]], environment
        if name == "kafka":
            return self._kafka(service), environment
        if name == "producer":
            arguments = [
                str(self._mounted(service, each)) if each.startswith("/") else each for each in service["command"]
            ]
            script = self._mounted(service, service["entrypoint"][1])
            return [service["entrypoint"][0], script, *arguments], environment | {"KAFKA_BIN": str(self._console())}
        arguments = [self._placed(service, each) for each in service["command"]]
        address = f"--web.listen-address={self.addresses[name]}:{PAGES[name]}"  # in containers: every address
        return [BINARIES[name], *arguments, address], environment

    def _placed(self, service: Mapping[str, Any], argument: str) -> str:
        option, equals, value = argument.partition("=")
        return f"{option}={self._mounted(service, value)}" if equals and value.startswith("/") else argument

    def _mounted(self, service: Mapping[str, Any], path: str) -> Path:
        """Where a path inside the container lies here."""
        for volume in service["volumes"]:
            source, inside = str(volume).split(":")[:2]
            if path == inside or path.startswith(f"{inside}/"):
                here = ROOT / source if source.startswith(".") else self.folder / source
                return here / path.removeprefix(inside).lstrip("/") if path != inside else here
        raise RuntimeError(f"{path} lies on no volume")

    def _kafka(self, service: Mapping[str, Any]) -> Sequence[str | Path]:
        given = self._mounted(service, "/mnt/shared/config/server.properties").read_text("utf-8")
        properties = self.folder / "server.properties"
        data = f"log.dirs={self._mounted(service, '/var/lib/kafka/data')}"
        # A container has every address for itself; here Alertmanager wants the same port as Kafka's controller.
        properties.write_text(given.replace("log.dirs=/var/lib/kafka/data", data).replace("://:", "://kafka:"))
        java, cluster = [*JAVA, "-cp", f"{self.jars}/*"], service["environment"]["CLUSTER_ID"]
        # As the image's start script does.
        tool = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", properties, "--standalone"]
        subprocess.run(tool, check=True, stdout=subprocess.DEVNULL)
        return [*java, *service["environment"]["KAFKA_HEAP_OPTS"].split(), "kafka.Kafka", properties]

    def _console(self) -> Path:
        """Kafka's console producer is not among the jars; kcat takes its place."""
        path = self.folder / "bin" / "kafka-console-producer.sh"
        path.parent.mkdir()
        path.write_text('#!/bin/sh\nexec kcat -P -b "$2" -t "$4"\n')
        path.chmod(0o755)
        return path.parent

    def _well(self, name: str, process: subprocess.Popen[bytes]) -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}: {self._last_words(name)}")
        if name == "kafka":
            return subprocess.run(["kcat", "-L", "-b", "kafka:9092"], capture_output=True, check=False).returncode == 0
        if name in PAGES:
            return _status(f"http://{name}:{PAGES[name]}/-/ready") == 200
        return name == "producer" or _status(f"http://{name}:9090/healthz") == 200

    def stop(self) -> None:
        """End everything, last first."""
        for process in reversed(self.running.values()):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.running.values():
            process.wait(60)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What Prometheus answers."""
        return list(
            _json(f"http://prometheus:9090/api/v1/query?{urllib.parse.urlencode({'query': expression})}")["result"]
        )


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return int(answer.status)


def _json(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        data: dict[str, Any] = json.load(answer)["data"]
    return data


def in_order() -> Iterator[str]:
    """The services, each after those that it waits for."""
    done: list[str] = []
    while len(done) < len(SERVICES):
        ready = [
            name for name, each in SERVICES.items() if name not in done and set(each.get("depends_on", {})) <= set(done)
        ]
        done += ready
        yield from (name for name in ready if name not in LEFT_OUT)


TARGETS = sum(service["image"].startswith("saring") for service in SERVICES.values())  # setup is none, Alertmanager is
EXPECTED: Mapping[str, Callable[[Stack], bool]] = {
    "Prometheus scrapes every role": lambda stack: len(stack.query('up{job=~"saring-.+"} == 1')) == TARGETS - 1,
    "alerts come of the sample feed": lambda stack: bool(stack.query('sum(saring_alerts_total{type="flagged"}) > 0')),
    "the canary came back": lambda stack: bool(stack.query("max(saring_canary_last_success_timestamp_seconds) > 0")),
    "every partition has an owner": lambda stack: bool(stack.query("max(saring_group_unowned_partitions) == 0")),
    "Prometheus reaches Alertmanager": lambda stack: bool(
        _json("http://prometheus:9090/api/v1/alertmanagers")["activeAlertmanagers"]
    ),
    "the rules are loaded and none fails": lambda stack: all(
        group["rules"] and all(rule["health"] != "err" for rule in group["rules"])
        for group in _json("http://prometheus:9090/api/v1/rules")["groups"]
    ),
}


def main() -> int:
    """Start all in order, look, stop all in order."""
    missing = [each for each in ("unshare", "ip", "kcat", *BINARIES.values()) if shutil.which(each) is None]
    jars = library()
    if missing or jars is None:
        print(f"needs {', '.join(missing) or 'Java 17, and Maven once'}")
        return 2
    enter()
    with ExitStack() as ends:
        stack = Stack(Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="saring-stack-"))), jars)
        ends.callback(stack.stop)
        for name in in_order():
            stack.start(name)
        for what, holds in EXPECTED.items():
            print(f"  {what}: after {until(lambda holds=holds: holds(stack), what, LIMIT_SECONDS):.1f} s", flush=True)  # type: ignore[misc]
    print(f"the compose stack ran natively, without {', '.join(LEFT_OUT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
