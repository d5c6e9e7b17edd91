"""What documents and scripts say is what the code does: topics, rights, exit codes, the image's packages."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from agents.kafka.exits import Exit
from agents.kafka.topics import TopicSpec
from agents.topics import planned
from config.load import load
from deploy.generate import HERE

ROOT = Path(__file__).parents[2]
SETTINGS = load(None, {}).settings
SPECS = planned(SETTINGS, 1)


def test_topic_table() -> None:
    rows = re.findall(
        r"^\| `(\S+)` \| (\w+) \| (.*?) \|", (HERE / "kafka" / "topics.md").read_text("utf-8"), re.MULTILINE
    )
    said = {name: (width, dict(re.findall(r"`([a-z.]+)=(\S+)`", words))) for name, width, words in rows}
    wide = SETTINGS.topics.partitions
    assert said == {
        spec.name: (
            "wide" if spec.partitions == wide else str(spec.partitions),
            {name: value for name, value in spec.config.items() if name != "min.insync.replicas"},
        )
        for spec in SPECS
    }


def acls(**environment: str) -> str:
    command, path = ["sh", str(HERE / "kafka" / "acls.sh")], {"PATH": "/bin:/usr/bin"}
    return subprocess.run(command, env=path | environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("topic", [spec.name for spec in SPECS])
def test_somebody_may_write_every_topic(topic: str) -> None:
    lines = [line for line in acls().splitlines() if f"--topic {topic}" in line.replace("'", "")]
    assert any("--operation Write" in line for line in lines)


def test_rights_carry_the_prefix() -> None:
    printed = acls(PREFIX="my.")
    assert "--topic my.alerts.review" in printed
    assert "--group my.saring.scan" in printed
    assert not re.search(r"--topic (alerts|saring)", printed)


@pytest.mark.parametrize("code", Exit, ids=lambda code: code.name)
def test_exit_code_is_explained(code: Exit) -> None:
    assert re.search(rf"^\| {int(code)} \| {code.name} \| .+ \|", operate(), re.MULTILINE)


def operate() -> str:
    return (ROOT / "docs" / "operate.md").read_text("utf-8")


SECTIONS = [
    "Install",
    "Size",
    "Upgrade and mixed versions",
    "Roll back",
    "Security",
    "What can fail",
    "Exit codes",
    "Runbook",
]


@pytest.mark.parametrize("section", SECTIONS)
def test_section(section: str) -> None:
    assert f"\n## {section}\n" in operate()


@pytest.mark.parametrize("name", ["operate", "privacy", "analyst"])
def test_links_within_lead_somewhere(name: str) -> None:
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    for page, anchor in re.findall(r"\]\(([a-z]*(?:\.md)?)#([a-z-]+)\)", text):
        other = (ROOT / "docs" / page).read_text("utf-8") if page else text
        headings = [
            re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
            for line in re.findall(r"^#+ (.+)$", other, re.MULTILINE)
        ]
        assert anchor in headings, f"{page}#{anchor}"


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_privacy_page_names_every_topic_with_its_time(spec: TopicSpec) -> None:
    lines = (ROOT / "docs" / "privacy.md").read_text("utf-8").splitlines()
    rows = [line for line in lines if line.startswith("| ") and line.count("|") == 5]
    [row] = [line for line in rows if f"`{spec.name}`" in line.split("|")[1]]
    if kept := spec.config.get("retention.ms"):
        days = int(kept) / 86_400_000
        assert f"| {days:.0f} d |" in row or f"| {days * 24:.0f} h |" in row


def test_image_is_made_of_what_was_tested() -> None:
    tested = pins(ROOT / "requirements.lock")
    image = pins(HERE / "requirements.lock") | pins(HERE / "build.lock")
    assert image <= tested
    named = {re.split(r"[=<>~!\[]", line.strip().strip('",'))[0].lower().replace("_", "-") for line in dependencies()}
    assert named <= {name for name, _ in image}


def pins(path: Path) -> set[tuple[str, str]]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE)
    return {(name.lower().replace("_", "-"), version) for name, version in found}


def dependencies() -> list[str]:
    block = re.search(
        r"^dependencies = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert block is not None
    return [line.split("#")[0] for line in block[1].splitlines() if line.strip()]


def test_image_is_pinned_and_not_root() -> None:
    text = (HERE / "Dockerfile").read_text("utf-8")
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert all(re.fullmatch(r"(python|rust):\d+\.\d+\.\d+-slim-\w+", base) for base in bases)
    assert bases[-1].startswith("python:")
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    assert "--only-binary :all: --require-hashes" in text
    assert re.search(r"^HEALTHCHECK", text, re.MULTILINE)
