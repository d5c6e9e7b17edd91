"""A broker that takes nobody without a certificate check and a name: TLS from a CA of our own, SASL, ACLs."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from agents.kafka.acls import Rule
from agents.kafka.connection import Connection, Mechanism, Sasl, Tls
from bench.cluster import Cluster, free_ports
from tests.support.lab import Lab, open_lab

PASSWORD = "open sesame"  # of users that live as long as one test run
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LOGIN = "org.apache.kafka.common.security"


class Secured(NamedTuple):
    """The cluster, a lab that may do everything, and how everybody else must connect."""

    cluster: Cluster
    lab: Lab
    tls: Tls
    mutual: Tls
    sasl_port: int
    tls_port: int

    def connection(self, user: str, mechanism: Mechanism) -> Connection:
        token = (lambda: unsigned_token(user)) if mechanism == "OAUTHBEARER" else None
        sasl = Sasl(mechanism, user, PASSWORD, token)
        return Connection(f"127.0.0.1:{self.sasl_port}", user, self.tls, sasl)

    def add_user(self, user: str) -> None:
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        change = UserScramCredentialUpsertion(user, info, PASSWORD.encode())
        self.lab.admin.alter_user_scram_credentials([change])[user].result(20)

    def allow(self, user: str, rules: Iterable[Rule]) -> None:
        acls = [_acl(user, rule) for rule in rules]
        for answer in self.lab.admin.create_acls(acls).values():
            answer.result(20)


def _acl(user: str, rule: Rule) -> AclBinding:
    pattern = ResourcePatternType.PREFIXED if rule.prefix else ResourcePatternType.LITERAL
    operation, allow = AclOperation[rule.operation], AclPermissionType.ALLOW
    return AclBinding(ResourceType[rule.kind.upper()], rule.name, pattern, f"User:{user}", "*", operation, allow)


def granted(printed: str, role: str) -> Iterator[Rule]:
    """The rights that deploy/kafka/acls.sh gives to a role."""
    for line in printed.splitlines():
        words = line.split()
        if f"User:saring-{role}" not in words or "--cluster" in words:
            continue
        (flag,) = {"--topic", "--group", "--transactional-id"} & set(words)
        name, kind = words[words.index(flag) + 1], flag.removeprefix("--").replace("-", "_")
        for at, word in enumerate(words):
            if word == "--operation":
                operation = _SNAKE.sub("_", words[at + 1]).upper()
                yield Rule(kind, name, operation, "prefixed" in words)  # type: ignore[arg-type]  # closed by the broker


def unsigned_token(user: str) -> str:
    """What the broker's validator for development accepts: a token that only claims who it is."""
    now = int(time.time())
    parts: list[dict[str, object]] = [{"alg": "none"}, {"sub": user, "iat": now - 10, "exp": now + 3600}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, ""])


@contextmanager
def secured(jars: Path, folder: Path) -> Iterator[Secured]:
    """One broker with three doors: plain text for the lab, TLS with client certificates, and SASL over TLS."""
    _certificates(folder)
    sasl_port, tls_port = free_ports(2)
    cluster = Cluster(jars, extra=_properties(folder, sasl_port, tls_port))
    plain, controller = cluster.ports[0], cluster.controller_ports[0]
    cluster.extra["listeners"] = (
        f"PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},"
        f"SASL_SSL://127.0.0.1:{sasl_port},SSL://127.0.0.1:{tls_port}"
    )
    cluster.extra["advertised.listeners"] = (
        f"PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{sasl_port},SSL://127.0.0.1:{tls_port}"
    )
    tls = Tls(folder / "ca.pem")
    mutual = Tls(folder / "ca.pem", folder / "client.pem", folder / "client.key")
    with cluster:
        yield Secured(cluster, open_lab(cluster.bootstrap), tls, mutual, sasl_port, tls_port)


def _properties(folder: Path, sasl_port: int, tls_port: int) -> dict[str, str]:
    door = "listener.name.sasl_ssl"
    return {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(folder / "broker-store.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(folder / "ca.pem"),
        "listener.name.ssl.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512,OAUTHBEARER",
        f"{door}.plain.sasl.jaas.config": f"{_LOGIN}.plain.PlainLoginModule required "
        f'user_worker="{PASSWORD}" user_saring-scan="{PASSWORD}";',
        f"{door}.scram-sha-512.sasl.jaas.config": f"{_LOGIN}.scram.ScramLoginModule required;",
        f"{door}.oauthbearer.sasl.jaas.config": f"{_LOGIN}.oauthbearer.OAuthBearerLoginModule required "
        'unsecuredLoginStringClaim_sub="broker";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }


def _certificates(folder: Path) -> None:
    """A CA, and a key with a certificate from it for the broker and for one client."""
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl("req", "-x509", *key, "-keyout", ca_key, "-out", ca, "-days", "2", "-subj", "/CN=test ca")
    for name in ("broker", "client"):
        request, certificate = folder / f"{name}.csr", folder / f"{name}.pem"
        names = folder / f"{name}.ext"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        _openssl("req", *key, "-keyout", folder / f"{name}.key", "-out", request, "-subj", f"/CN={name}")
        sign: list[str | Path] = ["-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2", "-extfile", names]
        _openssl("x509", "-req", "-in", request, *sign, "-out", certificate)
    store = (folder / "broker.key").read_text() + (folder / "broker.pem").read_text() + ca.read_text()
    (folder / "broker-store.pem").write_text(store)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
