"""From settings to what the Kafka side takes: connection, delivery options, topic names, group names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agents.kafka.connection import Connection, Mechanism, Sasl, Tls
from agents.kafka.options import DeliveryOptions
from config.settings import Kafka, Settings


def connection(kafka: Kafka, role: str = "saring") -> Connection:
    """How to reach the brokers, as the given client."""
    return Connection(kafka.bootstrap_servers, role, _tls(kafka), _sasl(kafka), kafka.check_crcs)


def _tls(kafka: Kafka) -> Tls | None:
    if not kafka.security_protocol.endswith("SSL"):
        return None
    return Tls(_path(kafka.ssl_cafile), _path(kafka.ssl_certfile), _path(kafka.ssl_keyfile))


def _path(name: str) -> Path | None:
    return Path(name) if name else None


def _sasl(kafka: Kafka) -> Sasl | None:
    if not kafka.security_protocol.startswith("SASL"):
        return None
    mechanism: Mechanism = kafka.sasl_mechanism  # type: ignore[assignment]  # not empty: checked by the settings
    file = Path(kafka.sasl_token_file)
    token = (lambda: file.read_text("utf-8").strip()) if mechanism == "OAUTHBEARER" else None
    return Sasl(mechanism, kafka.sasl_username, kafka.sasl_password.get_secret_value(), token)


def delivery(settings: Settings) -> DeliveryOptions:
    """The delivery's limits."""
    worker = settings.worker
    return DeliveryOptions(
        mode=worker.delivery,
        commit_interval_seconds=worker.commit_interval_seconds,
        commit_records=worker.commit_records,
        chunk_records=worker.chunk_records,
        session_timeout_seconds=worker.session_timeout_seconds,
        cpu_deadline_seconds=worker.cpu_deadline_seconds,
        delivery_deadline_seconds=worker.delivery_deadline_seconds,
        stuck_seconds=worker.stuck_seconds,
        stop_limit_seconds=worker.stop_limit_seconds,
        start_limit_seconds=worker.start_limit_seconds,
        memory_limit_bytes=worker.memory_limit_bytes,
    )


def topics(settings: Settings) -> Mapping[str, str]:
    """Our topics by kind (`alerts`, `review`, `dead`, …), with the deployment's prefix."""
    names = settings.topics.model_dump(exclude={"partitions"})
    return {kind: prefixed(settings, name) for kind, name in names.items()}


def group(settings: Settings, role: str) -> str:
    """The consumer group of a role, such as `saring.scan`."""
    return prefixed(settings, f"saring.{role}")


def prefixed(settings: Settings, name: str) -> str:
    """The name within this deployment."""
    return f"{settings.deployment}.{name}" if settings.deployment else name
