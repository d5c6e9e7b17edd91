"""A real Apache Kafka (KRaft) of one or three brokers on loopback, in seconds, thrown away afterwards."""

from __future__ import annotations

import base64
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

TEMPLATES = Path(__file__).parent / "kafka"
START_SECONDS = 120.0  # three brokers on a crowded machine take more than one minute
JAVA = ("java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # start-up time matters here, peak speed does not


def library() -> Path | None:
    """The folder with the broker's jars, fetched once by Maven; None without Java, or without Maven to fetch them."""
    folder = Path(os.environ.get("SARING_KAFKA_LIB") or Path(__file__).parents[1] / ".kafka-lib").resolve()
    if shutil.which("java") is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run side by side, and Maven's own cache is not made for that
        if not any(folder.glob("kafka_2.13-*.jar")):
            if shutil.which("mvn") is None:
                return None
            _download(folder)
    return folder


def _download(folder: Path) -> None:
    goal = ("dependency:copy-dependencies", f"-DoutputDirectory={folder}", "-DincludeScope=runtime")
    # Even with nothing to say Maven ends its colours, and standard output may be somebody's JSON.
    subprocess.run(["mvn", "-B", "-q", "-f", str(TEMPLATES / "pom.xml"), *goal], check=True, stdout=sys.stderr.fileno())


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on right now; all are held until the last is found, so none comes twice."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(each.getsockname()[1]) for each in held]
    for each in held:
        each.close()
    return ports


def _identity() -> str:
    """A Kafka uuid; it must not begin with a dash, which the storage tool would read as an option."""
    return "S" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]


class Cluster:
    """Brokers numbered from 1 that tests start, stop, kill, pause and resume one by one."""

    def __init__(self, jars: Path, brokers: int = 1, extra: Mapping[str, str] | None = None) -> None:
        self.brokers = brokers
        self.extra = dict(extra or {})
        self.folder = Path(tempfile.mkdtemp(prefix="saring-kafka-"))
        ports = free_ports(2 * brokers)
        self.ports, self.controller_ports = ports[:brokers], ports[brokers:]
        self._java = (*JAVA, "-cp", str(jars / "*"))
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def bootstrap(self) -> str:
        """The plain-text addresses of all brokers."""
        return ",".join(f"127.0.0.1:{port}" for port in self.ports)

    def __enter__(self) -> Cluster:
        try:
            self._format()
            for node in range(1, self.brokers + 1):
                self.start(node)
            self.wait()
        except BaseException:
            self.throw_away()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.throw_away()

    def throw_away(self) -> None:
        """Kill every broker and remove its files; `KEEP_KAFKA=1` keeps the files for a look."""
        for node in self._running:
            self.kill(node)
        if not os.environ.get("KEEP_KAFKA"):
            shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, node: int) -> None:
        """Start one broker; `wait` tells when it answers."""
        heap = "-Xmx512m" if self.brokers == 1 else "-Xmx256m"
        command = [*self._java, heap, "-Xms128m", "kafka.Kafka", str(self._properties(node))]
        with (self.folder / f"broker{node}.log").open("ab") as output:
            self._running[node] = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)

    def kill(self, node: int) -> None:
        """Kill -9: what the operating system holds in its page cache survives."""
        self._signal(node, signal.SIGKILL)
        self._running[node].wait(30)

    def stop(self, node: int) -> None:
        """An orderly stop."""
        self._signal(node, signal.SIGTERM)
        self._running[node].wait(60)

    def ended(self, node: int, seconds: float) -> bool:
        """Whether a broker ends by itself within that time."""
        try:
            self._running[node].wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def pause(self, node: int) -> None:
        """Freeze: connections stay open and nothing answers."""
        self._signal(node, signal.SIGSTOP)

    def resume(self, node: int) -> None:
        """End a freeze."""
        self._signal(node, signal.SIGCONT)

    def wait(self, nodes: Iterable[int] | None = None) -> None:
        """Return when every named broker (default: all) is part of a cluster that answers."""
        wanted, end = set(nodes or range(1, self.brokers + 1)), time.monotonic() + START_SECONDS
        while not wanted <= self._answering(wanted):
            dead = [node for node in wanted if self._running[node].poll() is not None]
            if dead or time.monotonic() > end:
                raise RuntimeError(f"brokers {dead or wanted} not ready: {self.folder}")
            time.sleep(0.1)

    def _answering(self, nodes: Iterable[int]) -> set[int]:
        servers = ",".join(f"127.0.0.1:{self.ports[node - 1]}" for node in nodes)
        try:
            admin = AdminClient({"bootstrap.servers": servers, "log_level": 0})
            return set(admin.list_topics(timeout=2).brokers)
        except KafkaException:
            return set()

    def _signal(self, node: int, number: int) -> None:
        if self._running[node].poll() is None:
            self._running[node].send_signal(number)

    def _properties(self, node: int) -> Path:
        replicas = min(3, self.brokers)
        text = (TEMPLATES / "server.properties").read_text().format(
            node=node,
            port=self.ports[node - 1],
            controller_port=self.controller_ports[node - 1],
            controllers=",".join(f"127.0.0.1:{port}" for port in self.controller_ports),
            data=self.folder / f"data{node}",
            replicas=replicas,
            in_sync=max(1, replicas - 1),
        )  # fmt: skip
        path = self.folder / f"broker{node}.properties"
        path.write_text(text + "".join(f"{name}={value}\n" for name, value in self.extra.items()))
        return path

    def format_options(self) -> list[str]:
        """Options of the storage tool besides the quorum; a secured cluster adds its first user here."""
        return []

    def _format(self) -> None:
        voters = ",".join(
            f"{node}@127.0.0.1:{port}:{_identity()}" for node, port in enumerate(self.controller_ports, 1)
        )
        quorum = ["--standalone"] if self.brokers == 1 else ["--initial-controllers", voters]
        tool = [*self._java, "-Xmx96m", "kafka.tools.StorageTool", "format", "-t", _identity(), *quorum]
        jobs = [
            subprocess.Popen(
                [*tool, *self.format_options(), "-c", str(self._properties(node))], stdout=subprocess.DEVNULL
            )
            for node in range(1, self.brokers + 1)
        ]
        if any(job.wait(60) for job in jobs):
            raise RuntimeError("the storage tool refused to format")
