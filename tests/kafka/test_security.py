"""TLS, SASL and ACLs on a real broker with a CA of our own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka.errors import KafkaError

from agents.kafka.acls import rules
from agents.kafka.connection import Connection, Mechanism, Tls
from agents.kafka.limits import read_limits
from agents.kafka.options import DeliveryOptions, Mode
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.reader import read
from agents.kafka.run import BrokerUnreachableError, reach
from agents.kafka.topics import admin_client, brokers, describe
from agents.kafka.values import Chunk, Outgoing, Partition
from tests.support.secured import Secured, secured

pytestmark = pytest.mark.kafka
KINDS = ("lists", "chunks", "entries", "alerts", "review", "dead", "shadow", "ledger", "links")
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
