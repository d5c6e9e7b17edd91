"""TLS, SASL and ACLs on a real broker with a CA of our own."""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
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
from config.feeds import default_feeds
from tests.agents.conftest import Deployment
from tests.support.secured import PASSWORD, Secured, granted, secured, unsigned_token

pytestmark = pytest.mark.kafka
KINDS = ("lists", "chunks", "entries", "alerts", "review", "dead", "shadow", "ledger", "links")
SCRIPT = Path(__file__).parents[2] / "deploy" / "kafka" / "acls.sh"
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


def _as_printed(
    door: Secured, plain: Deployment, role: str, configs: bool = True, mechanism: Mechanism = "SCRAM-SHA-512"
) -> Deployment:
    """The deployment as the role's own user sees it, with the printed rights and no others."""
    environment = {"PATH": "/bin:/usr/bin", "PREFIX": f"{plain.name}.", "SOURCES": plain.source}
    printed = subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=True).stdout
    user, password, token = f"saring-{role}", plain.folder / "password", plain.folder / "token"
    password.write_text(PASSWORD)
    token.write_text(unsigned_token(user))
    door.add_user(user)
    door.allow(user, {each for each in granted(printed, role) if configs or each.operation != "DESCRIBE_CONFIGS"})
    secured = {
        "SARING_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "SARING_KAFKA__SSL_CAFILE": str(door.tls.ca_file),
        "SARING_KAFKA__SASL_MECHANISM": mechanism,
        "SARING_CACHE_DIR": str(plain.folder / role),
    }
    if mechanism == "OAUTHBEARER":
        secured["SARING_KAFKA__SASL_TOKEN_FILE"] = str(token)
    else:
        secured |= {"SARING_KAFKA__SASL_USERNAME": user, "SARING_KAFKA__SASL_PASSWORD_FILE": str(password)}
    return Deployment(f"127.0.0.1:{door.sasl_port}", plain.folder, plain.name, plain.settings | secured)


@pytest.fixture
def plain(door: Secured, tmp_path: Path) -> Deployment:
    """A deployment behind the secured broker's open door, set up."""
    deployment = Deployment(door.cluster.bootstrap, tmp_path)
    assert deployment.run("setup").returncode == 0
    return deployment


@pytest.mark.parametrize(
    ("delivery", "configs", "mechanism"),
    [
        ("at_least_once", True, "SCRAM-SHA-512"),
        ("at_least_once", False, "PLAIN"),
        ("exactly_once", False, "OAUTHBEARER"),
    ],
)
def test_a_worker_runs_with_the_printed_rights(
    door: Secured, plain: Deployment, delivery: Mode, configs: bool, mechanism: Mechanism
) -> None:
    """Also without DescribeConfigs: it then takes the setting for the largest record."""
    worker = _as_printed(door, plain, "scan", configs, mechanism)
    worker.settings["SARING_WORKER__DELIVERY"] = delivery
    with worker.role("worker"):
        plain.send([b'{"id":"1","text":"http://saring-test.invalid/rights"}', b"not json"])
        plain.until(lambda: sum(each["seen"] for each in plain.ledger()) == 2, "both finished")
    assert (len(plain.read("alerts")) + len(plain.read("alerts.review")), len(plain.read("messages.dead"))) == (1, 1)


def test_the_other_roles_run_with_the_printed_rights(door: Secured, plain: Deployment) -> None:
    (plain.folder / "feed.txt").write_text("".join(f"scam{number}.example\n" for number in range(20)))
    off = "".join(f"[feeds.{name}]\nenabled = false\n" for name in default_feeds())
    mine = f'[feeds.mine]\nurl = "{(plain.folder / "feed.txt").as_uri()}"\ninterval_seconds = 1\n'
    (plain.folder / "saring.toml").write_text(off + mine)
    plain.settings["SARING_WORKER__DELIVERY"] = "exactly_once"  # asks for more rights
    plain.settings["SARING_CONFIG"] = str(plain.folder / "saring.toml")
    with ExitStack() as running:
        for role in ("keeper", "retro", "campaigns"):
            running.enter_context(_as_printed(door, plain, role).role(role))
        plain.until(lambda: bool(plain.read("saring.lists")), "lists published")
        for role in ("retro", "campaigns"):
            plain.until(lambda role=role: _ready(plain, role), f"{role} ready")  # type: ignore[misc]  # bound now


def _ready(plain: Deployment, role: str) -> bool:
    (log,) = plain.folder.glob(f"{role}-*.log")
    found = re.search(r"metrics on (http://[\d.]+:\d+)/", log.read_text())
    try:
        return bool(found and urllib.request.urlopen(f"{found[1]}/readyz", timeout=5).status == 200)
    except OSError:
        return False


def test_replay_and_proof_run_with_the_printed_rights(door: Secured, plain: Deployment) -> None:
    operator = _as_printed(door, plain, "operator")
    plain.send([b'{"id":"1","text":"hai"}'])
    for command in (("replay",), ("replay", "--from", "2020-01-01"), ("ledger", "verify"), ("erase", "--message", "1")):
        done = operator.run(*command)
        assert done.returncode == 0, done.stderr
    assert plain.run("replay", "--from", "2020-01-01", "--json").stdout.count(b'"clean":1') == 1
