"""The compose file: valid by its schema, nothing beyond loopback, every image pinned, every service watched."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import load

ROOT = Path(__file__).parents[2]
FILE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def test_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_role_is_there() -> None:
    roles = {" ".join(service["command"][:1]) for service in SERVICES.values() if service["image"].startswith("saring")}
    assert roles == {"setup", "keeper", "worker", "retro", "campaigns"}
    assert sum(service["command"][0] == "worker" for service in SERVICES.values() if "command" in service) == 2


@each_service
def test_service(service: dict[str, Any]) -> None:
    version = service["image"].rpartition(":")[2]
    assert version[-1].isdigit(), "pinned, never latest"
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "user" not in service or service["user"] not in ("root", "0")
    for port in service.get("ports", []):
        assert port.startswith("127.0.0.1:")
    if service["image"].startswith("saring") or "kafka" not in service["image"]:
        assert service["read_only"] is True


# setup ends by itself; the image of the roles brings its own check.
WATCHED = [name for name, each in SERVICES.items() if not each["image"].startswith("saring") and name != "producer"]


@pytest.mark.parametrize("name", WATCHED)
def test_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_start_order_follows_health() -> None:
    for name, service in SERVICES.items():
        waits = {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        if service["image"].startswith("saring") and name != "setup":
            assert waits == {"kafka": "service_healthy", "setup": "service_completed_successfully"}
        assert set(waits) <= set(SERVICES)


def test_what_must_last_has_a_volume() -> None:
    used = {str(volume).split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert set(FILE["volumes"]) == {name for name in used if not name.startswith(".")}
    for name in (name for name in used if name.startswith(".")):
        assert (ROOT / name).exists(), name


def test_settings_of_the_stack_are_valid() -> None:
    settings = load(ROOT / "deploy" / "compose" / "saring.toml", {}).settings
    kafka = (ROOT / "deploy" / "kafka" / "server.properties").read_text("utf-8")
    assert f"PLAINTEXT://{settings.kafka.bootstrap_servers}" in kafka
    assert 0 < settings.canary.interval_seconds <= 60


def test_processes_do_not_outnumber_partitions() -> None:
    workers = [service["command"] for service in SERVICES.values() if service.get("command", [""])[0] == "worker"]
    processes = sum(int(command[command.index("--processes") + 1]) for command in workers)
    assert processes <= load(None, {}).settings.topics.partitions


def test_prometheus_scrapes_every_role() -> None:
    files = (ROOT / "deploy" / "prometheus" / "targets").glob("*.yml")
    targets = {
        target for path in files for group in yaml.safe_load(path.read_text("utf-8")) for target in group["targets"]
    }
    roles = {name for name, service in SERVICES.items() if service["image"].startswith("saring") and name != "setup"}
    assert targets == {f"{role}:9090" for role in roles} | {"alertmanager:9093"}


def test_prometheus_remembers_longer_than_the_objective() -> None:
    [kept] = [each for each in SERVICES["prometheus"]["command"] if "retention.time" in each]
    assert int(kept.split("=")[1].rstrip("d")) > 30


def test_grafana_is_the_one_that_the_dashboards_are_built_for() -> None:
    pins = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"]
    [sdk] = [pin for pin in pins if pin.startswith("grafana-foundation-sdk")]
    assert SERVICES["grafana"]["image"] == f"grafana/grafana:{sdk.rpartition('!')[2]}"
