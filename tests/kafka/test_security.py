"""TLS, SASL and ACLs on a real broker with a CA of our own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from agents.kafka.acls import Rule, rules
from agents.kafka.connection import Connection, Mechanism, Tls
from agents.kafka.limits import read_limits
from agents.kafka.options import DeliveryOptions, Mode
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.reader import read
from agents.kafka.run import BrokerUnreachableError, reach
from agents.kafka.topics import admin_client, brokers, describe
from agents.kafka.values import Chunk, Outgoing, Partition
from tests.agents.conftest import Deployment
from tests.support.secured import PASSWORD, Secured, secured

pytestmark = pytest.mark.kafka
KINDS = ("lists", "chunks", "entries", "alerts", "review", "dead", "shadow", "ledger", "links")
SCRIPT = Path(__file__).parents[2] / "deploy" / "kafka" / "acls.sh"
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")
MECHANISMS: Sequence[Mechanism] = ("PLAIN", "SCRAM-SHA-512", "OAUTHBEARER")


@pytest.fixture(scope="module")
def door(jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    if shutil.which("openssl") is None:
        pytest.skip("a CA of our own needs the openssl command")
    with secured(jars, tmp_path_factory.mktemp("pki")) as found:
        found.add_user("worker")
        yield found


def _allowed(door: Secured, user: str) -> tuple[dict[str, str], str]:
    """A scan role's topics with a group, and its permissions."""
    topics, source, group = {kind: door.lab.topic(kind) for kind in KINDS}, door.lab.topic("source"), door.lab.name("g")
    door.allow(user, rules("scan", topics, [source], group))
    return topics | {"source": source}, group


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("mode", ["at_least_once", "exactly_once"])
async def test_a_scan_role_needs_no_more_than_its_acls(door: Secured, mechanism: Mechanism, mode: Mode) -> None:
    topics, group = _allowed(door, "worker")
    connection = door.connection("worker", mechanism)
    await reach(connection, 10)
    door.lab.produce(topics["source"], [b"hello"])
    records = await read(connection, [topics["source"], topics["lists"]])
    options = DeliveryOptions(mode=mode)
    publisher = create_publisher(Writing(connection, group, [topics["alerts"]], options))
    await publisher.start()
    source = Partition(topics["source"], 0)
    await publisher.fence([source])
    alert = Outgoing(topics["alerts"], b"k", b"found", (("ce_id", b"1"),))
    await publisher.publish([alert], [Chunk(source, 1, records)])
    await publisher.stop()
    assert door.lab.values(topics["alerts"]) == [b"found"]
    assert door.lab.committed(group, topics["source"]) == ({source: 1} if mode == "exactly_once" else {})


async def test_denied_describe_configs_means_the_setting(door: Secured) -> None:
    topics, _ = _allowed(door, "worker")
    alerts = topics["alerts"]
    assert await read_limits(door.connection("worker", "SCRAM-SHA-512"), [alerts], 777) == {alerts: 777}
    assert await read_limits(door.lab.connection, [alerts], 777) == {alerts: 1_048_588}


async def test_a_topic_of_others_stays_closed(door: Secured) -> None:
    _, group = _allowed(door, "worker")
    closed = door.lab.topic("closed")
    connection = door.connection("worker", "SCRAM-SHA-512")
    publisher = create_publisher(Writing(connection, group, [closed], DeliveryOptions()))
    await publisher.start()
    with pytest.raises(KafkaError, match=r"(?i)authoriz"):
        await publisher.publish([Outgoing(closed, None, b"x")], [])
    await publisher.stop()
    assert describe(admin_client(connection), [closed]) == {}


async def test_a_wrong_password_is_said_plainly(door: Secured) -> None:
    connection = door.connection("nobody", "SCRAM-SHA-512")
    with pytest.raises(BrokerUnreachableError, match="no broker answers"):
        await reach(connection, 1)


async def test_a_certificate_of_a_stranger_is_refused(door: Secured) -> None:
    address = f"127.0.0.1:{door.tls_port}"
    await reach(Connection(address, tls=door.mutual), 5)
    assert brokers(admin_client(Connection(address, tls=door.mutual))) == 1
    for tls in (Tls(), door.tls):  # an unknown CA on our side; no certificate of ours on the broker's
        with pytest.raises(BrokerUnreachableError):
            await reach(Connection(address, tls=tls), 1)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_admin_client_connects_the_same_way(door: Secured, mechanism: Mechanism) -> None:
    admin = admin_client(door.connection("worker", mechanism))
    assert brokers(admin) == 1


def _granted(printed: str, role: str) -> Iterator[Rule]:
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


@pytest.mark.parametrize("configs", [True, False], ids=["as printed", "without DescribeConfigs"])
@pytest.mark.parametrize("delivery", ["at_least_once", "exactly_once"])
def test_a_worker_runs_with_the_printed_rights(door: Secured, tmp_path: Path, delivery: Mode, configs: bool) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    plain = Deployment(door.cluster.bootstrap, tmp_path)
    assert plain.run("setup").returncode == 0
    environment = {"PATH": "/bin:/usr/bin", "PREFIX": f"{plain.name}.", "SOURCES": plain.source}
    printed = subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=True).stdout
    door.add_user("saring-scan")
    granted = [rule for rule in _granted(printed, "scan") if configs or rule.operation != "DESCRIBE_CONFIGS"]
    door.allow("saring-scan", granted)
    secured = {
        "SARING_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "SARING_KAFKA__SSL_CAFILE": str(door.tls.ca_file),
        "SARING_KAFKA__SASL_MECHANISM": "SCRAM-SHA-512",
        "SARING_KAFKA__SASL_USERNAME": "saring-scan",
        "SARING_KAFKA__SASL_PASSWORD_FILE": str(tmp_path / "password"),
        "SARING_WORKER__DELIVERY": delivery,
    }
    worker = Deployment(f"127.0.0.1:{door.sasl_port}", tmp_path, plain.name, secured)
    with worker.role("worker"):
        plain.send([b'{"id":"1","text":"http://saring-test.invalid/rights"}', b"not json"])
        plain.until(lambda: sum(each["seen"] for each in plain.ledger()) == 2, "both finished")
    assert (len(plain.read("alerts")) + len(plain.read("alerts.review")), len(plain.read("messages.dead"))) == (1, 1)
