"""Manifests: kustomize builds them, Kubernetes' schemas accept them, and they hold to what the roles need."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import load
from deploy.generate import HERE

HOME = HERE / "kubernetes"
ROLES = ["worker", "keeper", "retro", "campaigns"]


@cache
def built(folder: Path) -> str:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is missing: deploy/validate.sh fetches it")
    return subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=True).stdout


def documents(folder: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(built(folder)))


def role(name: str) -> dict[str, Any]:
    path = HOME / f"{name}.yaml"
    return next(iter(yaml.safe_load_all(path.read_text("utf-8"))))


def container(name: str) -> dict[str, Any]:
    [only] = role(name)["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_schemas(tmp_path: Path) -> None:
    path = tmp_path / "all.yaml"
    path.write_text(built(HOME))
    known = [path, *(HOME / "examples").glob("*-hpa.yaml")]
    tool = shutil.which("kubernetes-validate", path=str(Path(sys.executable).parent))
    assert tool, "make setup"
    command = [tool, "--strict", "--quiet", *map(str, known)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pods_carry_the_label_that_the_network_policy_selects() -> None:
    for document in documents(HOME):
        if document["kind"] in ("Deployment", "StatefulSet", "Job"):
            labels = document["spec"]["template"]["metadata"]["labels"]
            assert labels["app.kubernetes.io/name"] == "saring", document["metadata"]["name"]


@pytest.mark.parametrize("name", ROLES)
def test_role(name: str) -> None:
    pod = role(name)["spec"]["template"]["spec"]
    only = container(name)
    assert only["args"][0] == name
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert only["securityContext"]["readOnlyRootFilesystem"] is True
    assert only["livenessProbe"]["httpGet"]["path"] == "/healthz"
    assert only["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert only["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in only["resources"]["limits"]
    assert {mount["mountPath"] for mount in only["volumeMounts"]} == {"/etc/saring", "/var/cache/saring", "/tmp"}


@pytest.mark.parametrize("name", ROLES)
def test_liveness_outlasts_the_longest_back_off(name: str) -> None:
    probe = container(name)["livenessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 60  # the supervisor waits 30 s at most


@pytest.mark.parametrize("name", ROLES)
def test_a_stop_is_given_its_time(name: str) -> None:
    grace = role(name)["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace > load(None, {}).settings.worker.stop_limit_seconds + 5


def test_scaling_stops_at_the_partitions() -> None:
    command = container("worker")["args"]
    processes = int(command[command.index("--processes") + 1])
    partitions = load(None, {}).settings.topics.partitions
    assert role("worker")["spec"]["replicas"] * processes <= partitions
    for path in (HOME / "examples").glob("*.yaml"):
        spec = yaml.safe_load(path.read_text("utf-8"))["spec"]
        assert (spec.get("maxReplicaCount") or spec["maxReplicas"]) * processes <= partitions


def test_jobs_are_named_as_in_the_scrape_config() -> None:
    services = list(yaml.safe_load_all((HOME / "services.yaml").read_text("utf-8")))
    scrapes = yaml.safe_load((HERE / "prometheus" / "prometheus.yml").read_text("utf-8"))["scrape_configs"]
    label = yaml.safe_load((HOME / "servicemonitor.yaml").read_text("utf-8"))["spec"]["jobLabel"]
    assert {each["metadata"]["labels"][label] for each in services} == {each["job_name"] for each in scrapes}


def test_one_keeper() -> None:
    spec = role("keeper")["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")


def test_dashboards_and_rules_reach_the_cluster() -> None:
    kinds = {document["kind"]: document for document in documents(HERE)}
    assert set(kinds) == {"ConfigMap", "ServiceMonitor", "PrometheusRule"}
    assert set(kinds["ConfigMap"]["data"]) == {"overview.json", "detection.json", "delivery.json"}
