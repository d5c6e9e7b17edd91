"""Every role and a real Prometheus on a real Kafka, on loopback, with the files of deploy/; for the fault runs."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from agents.kafka.connection import Connection
from agents.kafka.topics import AdminError, admin_client, configure
from bench.cluster import Cluster, free_ports
from config.feeds import default_feeds

ROOT = Path(__file__).parents[1]
PROMETHEUS = ROOT / "deploy" / "prometheus"
SOURCE = "messages"
HOUR = 3600
ROLES = ("worker-a", "worker-b", "keeper", "retro", "campaigns")
JOBS = {"worker": ("worker-a", "worker-b"), "keeper": ("keeper",), "retro": ("retro",), "campaigns": ("campaigns",)}

SETTINGS = """
[kafka]
bootstrap_servers = "{bootstrap}"
[sources.messages]
topic = "messages"
[worker]
delivery_deadline_seconds = 180   # so that a stopped broker shows as stuck before it shows as an exit
stuck_seconds = 180
session_timeout_seconds = 6
[canary]
interval_seconds = 5
[checks]
brand_lookalike = "shadow"
[links]
extra_suffixes = ["example"]
{off}
[feeds.moving]
url = "{moving}"
interval_seconds = 1
stale_after_seconds = 60
[feeds.still]
url = "{still}"
interval_seconds = 1
stale_after_seconds = 60
"""

# A check that fails where the text says so: put in through Python's own start-up hook, not through ours.
BROKEN = """
import importlib.abc, importlib.machinery, sys
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "stream.checks.message.lure_words":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        load = spec.loader.exec_module
        def exec_module(module):
            load(module)
            whole = module.check
            def check(link, message, facts, rules):
                if "brokencheck" in message.text:
                    raise RuntimeError("broken on purpose")
                return whole(link, message, facts, rules)
            module.check, module.NEEDS = check, -1  # asked whatever the text says
        spec.loader.exec_module = exec_module
        return spec
sys.meta_path.insert(0, Finder())
"""


@dataclass
class Stage:
    """The processes and where they answer."""

    cluster: Cluster
    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [*ROLES, "prometheus"]
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.moving, self.still = self.folder / "moving.txt", self.folder / "still.txt"
        self.moving.write_text(hosts(200))
        self.still.write_text(hosts(50, "still"))
        off = "".join(f"[feeds.{name}]\nenabled = false\n" for name in default_feeds())
        places = {"moving": self.moving.as_uri(), "still": self.still.as_uri()}
        text = SETTINGS.format(bootstrap=self.cluster.bootstrap, off=off, **places)
        (self.folder / "saring.toml").write_text(text)
        (self.folder / "sitecustomize.py").write_text(BROKEN)
        self.producer = Producer({"bootstrap.servers": self.cluster.bootstrap, "linger.ms": 20})
        self.admin = admin_client(Connection(self.cluster.bootstrap))

    # -- roles --------------------------------------------------------------------------------------------------------

    def saring(self, *arguments: str) -> str:
        """A command to its end, and what it printed; raises RuntimeError with its last words when it failed."""
        command = [sys.executable, "-m", "agents", *arguments]
        done = subprocess.run(command, env=self._env("command"), check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"saring {' '.join(arguments)}: {done.stderr[-500:]}")
        return done.stdout

    def start(self, role: str) -> None:
        """Start a role; two processes under a supervisor for worker-a, one without for worker-b."""
        word = role.split("-")[0]
        arguments = [word, "--processes", "2"] if role == "worker-a" else [word]
        with (self.folder / f"{role}.log").open("ab") as log:
            self.running[role] = subprocess.Popen(
                [sys.executable, "-m", "agents", *arguments], env=self._env(role), stderr=log, stdout=log
            )

    def _env(self, role: str) -> dict[str, str]:
        return os.environ | {
            "SARING_CONFIG": str(self.folder / "saring.toml"),
            "SARING_METRICS__PORT": str(self.ports.get(role, 0)),
            "SARING_CACHE_DIR": str(self.folder / "cache" / role),
            "SARING_PRIVACY__USER_KEY": "of this run alone",
            "PYTHONPATH": f"{self.folder}:{ROOT}",
        }

    def kill(self, role: str) -> None:
        """Kill -9, with its children: they would notice and stop in order."""
        process = self.running.pop(role)
        for child in self.children(process.pid):
            os.kill(child, signal.SIGKILL)
        process.kill()
        process.wait(30)

    def children(self, pid: int) -> list[int]:
        """The processes that a supervisor runs."""
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> None:
        """End everything that was started."""
        for process in self.running.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.running.clear()

    def page(self, role: str, path: str) -> int:
        """The status of a page; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[role]}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    # -- messages -----------------------------------------------------------------------------------------------------

    def send(self, texts: Sequence[str | bytes], age_seconds: float = 0.0) -> None:
        """Write messages; an age sets their record time back."""
        self.producer.poll(0)
        stamp = int((time.time() - age_seconds) * 1000)
        for text in texts:
            value = text if isinstance(text, bytes) else json.dumps({"text": text}).encode()
            self.producer.produce(SOURCE, value, timestamp=stamp)
        self.producer.flush(20)

    def configure(self, **settings: str) -> None:
        """Change settings of the source topic."""
        configure(self.admin, SOURCE, {name.replace("_", "."): value for name, value in settings.items()})

    # -- Prometheus ---------------------------------------------------------------------------------------------------

    def start_prometheus(self) -> None:
        """With the shipped files: only the targets, and intervals of a second, are the stage's own."""
        home = self.folder / "prometheus"
        shutil.copytree(PROMETHEUS, home)
        faster = re.compile(r"(interval: )(15s|5m)$", re.MULTILINE)
        for path in [home / "prometheus.yml", *(home / "rules").glob("*.yml")]:
            path.write_text(
                faster.sub(r"\g<1>1s", path.read_text()).replace("scrape_timeout: 10s", "scrape_timeout: 1s")
            )
        for job, roles in JOBS.items():
            targets = ", ".join(f"'127.0.0.1:{self.ports[role]}'" for role in roles)
            (home / "targets" / f"{job}.yml").write_text(f"- targets: [{targets}]\n")
        (home / "targets" / "alertmanager.yml").write_text("[]\n")
        self._last_week(home)
        command = ["prometheus", f"--config.file={home / 'prometheus.yml'}", f"--storage.tsdb.path={home / 'data'}"]
        address = f"--web.listen-address=127.0.0.1:{self.ports['prometheus']}"
        with (self.folder / "prometheus.log").open("ab") as log:
            self.running["prometheus"] = subprocess.Popen([*command, address], stderr=log, stdout=log)
        until(lambda: self.page("prometheus", "/-/ready") == 200, "Prometheus", 30)

    def _last_week(self, home: Path) -> None:
        """A calm week before, so that there is something usual: two alerts in ten minutes."""
        now = int(time.time())
        name = "saring:alerts:increase10m"
        samples = "".join(f"{name} 2 {at}\n" for at in range(now - 8 * 24 * HOUR, now - 3 * HOUR, 300))
        history = home / "history.txt"
        history.write_text(f"# TYPE {name.replace(':', '_')} gauge\n{samples}# EOF\n")
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(history), str(home / "data")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression returns now."""
        return list(self._api("query", query=expression)["result"])

    def firing(self) -> list[dict[str, Any]]:
        """Alerts that are pending or fire."""
        return list(self._api("alerts")["alerts"])

    def _api(self, call: str, **parameters: str) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.ports['prometheus']}/api/v1/{call}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            data: dict[str, Any] = json.load(answer)["data"]
        return data


def hosts(number: int, word: str = "listed") -> str:
    """A feed of so many hosts."""
    return "".join(f"{word}-{each}.example\n" for each in range(number))


def until(true: Callable[[], bool], what: str, seconds: float) -> float:
    """Wait until something holds; the seconds it took. Raises TimeoutError naming it."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        try:
            if true():
                return time.monotonic() - began
        except (OSError, AdminError):
            pass
        time.sleep(0.5)
    raise TimeoutError(f"{what} not within {seconds:g} s")
