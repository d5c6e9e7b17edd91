"""Operators see in which form a worker judges: in its log, in its metrics and from `saring doctor`."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from agents import connect
from agents.app import create_app
from agents.doctor import look, native_part
from agents.kafka.topics import admin_client
from config.load import load
from stream.native import form

THIS = "native" if find_spec("saring_native") else "python"
AWAY = {"SARING_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1", "SARING_WORKER__START_LIMIT_SECONDS": "0.1"}
WITHOUT = "import sys; sys.modules['saring_native'] = None; "  # as where it was not built


def test_what_is_installed_is_what_is_said() -> None:
    assert form() == THIS


def test_the_metrics_say_it() -> None:
    families = create_app(load(None, {}).settings).metrics.registry.collect()
    (sample,) = next(family for family in families if family.name == "saring_build").samples
    assert sample.labels["form"] == THIS


@pytest.mark.parametrize(("before", "said"), [("", THIS), (WITHOUT, "python")])
def test_the_log_says_it(before: str, said: str, tmp_path: Path) -> None:
    environment = os.environ | AWAY | {"SARING_METRICS__PORT": "0", "SARING_CACHE_DIR": str(tmp_path)}
    line = [sys.executable, "-c", f"{before}from agents.__main__ import main; main()", "worker"]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 69, done.stderr
    assert f"judging in the {said} form" in done.stderr


def test_doctor_says_it_before_any_broker_answers() -> None:
    settings = load(None, AWAY).settings
    admin = admin_client(connect.connection(settings.kafka, "saring-doctor"))
    assert next(look(settings, admin)) == native_part(THIS == "native")


def test_only_where_it_is_missing_there_is_something_to_mend() -> None:
    assert (native_part(True).state, native_part(False).state) == ("ok", "warn")
    assert "cargo" in native_part(False).mend
