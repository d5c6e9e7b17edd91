"""One description of how to reach Kafka, in the words of the three libraries that connect to it."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aiokafka.abc import AbstractTokenProvider
from faust.auth import OAuthCredentials, SASLCredentials, SSLCredentials

Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"]
_TOKEN_SECONDS = 300.0  # how long librdkafka keeps a token before it asks again


@dataclass(frozen=True, slots=True)
class Tls:
    """Files in PEM; without a certificate the broker does not ask who we are."""

    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    key_password: str | None = None
    check_hostname: bool = True

    def context(self) -> ssl.SSLContext:
        """A client context that always verifies the broker's certificate."""
        context = ssl.create_default_context(cafile=self.ca_file)
        context.check_hostname = self.check_hostname
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file, self.key_password)
        return context


@dataclass(frozen=True, slots=True)
class Sasl:
    """Name and password, or for OAUTHBEARER a callable that returns a fresh token."""

    mechanism: Mechanism
    username: str = ""
    password: str = ""
    token: Callable[[], str] | None = None


class _Tokens(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka is untyped
    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token()


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the brokers are and how we prove who we are."""

    bootstrap_servers: str
    client_id: str = "saring"
    tls: Tls | None = None
    sasl: Sasl | None = None
    check_crcs: bool = True  # off for the embedded broker alone: the markers it writes for transactions carry none

    @property
    def protocol(self) -> str:
        """Kafka's name for the combination of TLS and SASL."""
        return ("SASL_" if self.sasl else "") + ("SSL" if self.tls else "PLAINTEXT")

    def aiokafka(self) -> dict[str, Any]:
        """Arguments for every aiokafka client."""
        arguments: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "client_id": self.client_id,
            "security_protocol": self.protocol,
        }
        if self.tls:
            arguments["ssl_context"] = self.tls.context()
        if self.sasl:
            arguments |= _aiokafka_sasl(self.sasl)
        return arguments

    def faust(self) -> Any:
        """Faust's credentials; None for a plain connection."""
        context = self.tls.context() if self.tls else None
        if self.sasl is None:
            return SSLCredentials(context=context) if context else None
        if self.sasl.token:
            return OAuthCredentials(oauth_cb=_Tokens(self.sasl.token), ssl_context=context)
        return SASLCredentials(
            username=self.sasl.username,
            password=self.sasl.password,
            mechanism=self.sasl.mechanism,
            ssl_context=context,
        )

    def librdkafka(self) -> dict[str, Any]:
        """Configuration for confluent-kafka's clients."""
        settings: dict[str, Any] = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": self.client_id,
            "security.protocol": self.protocol,
            "log_level": 0,  # it would write to stderr on its own
        }
        if self.tls:
            settings |= _librdkafka_tls(self.tls)
        if self.sasl:
            settings |= _librdkafka_sasl(self.sasl)
        return settings


def _aiokafka_sasl(sasl: Sasl) -> dict[str, Any]:
    if sasl.token:
        return {"sasl_mechanism": sasl.mechanism, "sasl_oauth_token_provider": _Tokens(sasl.token)}
    return {
        "sasl_mechanism": sasl.mechanism,
        "sasl_plain_username": sasl.username,
        "sasl_plain_password": sasl.password,
    }


def _librdkafka_sasl(sasl: Sasl) -> dict[str, Any]:
    if token := sasl.token:
        return {
            "sasl.mechanism": sasl.mechanism,
            "oauth_cb": lambda _config: (token(), time.time() + _TOKEN_SECONDS),
        }
    return {"sasl.mechanism": sasl.mechanism, "sasl.username": sasl.username, "sasl.password": sasl.password}


def _librdkafka_tls(tls: Tls) -> dict[str, str]:
    given = {
        "ssl.ca.location": tls.ca_file,
        "ssl.certificate.location": tls.certificate_file,
        "ssl.key.location": tls.key_file,
        "ssl.key.password": tls.key_password,
        "ssl.endpoint.identification.algorithm": "https" if tls.check_hostname else "none",
    }
    return {name: str(value) for name, value in given.items() if value is not None}
