"""Writes what is generated: `python -m deploy.generate`. A test fails when a file differs from its source."""

from __future__ import annotations

from pathlib import Path

import yaml

from deploy.grafana import build

HERE = Path(__file__).parent
RULES = ("recording.yml", "alerts.yml")
NOTE = "# Generated from deploy/prometheus/rules by python -m deploy.generate.\n"


def generated() -> dict[Path, str]:
    """Every generated file with its text."""
    files = {HERE / "grafana" / "dashboards" / name: text for name, text in build.dashboards().items()}
    return files | {HERE / "kubernetes" / "rules.yaml": rules()}


def rules() -> str:
    """The rules as the Prometheus Operator takes them."""
    read = [yaml.safe_load((HERE / "prometheus" / "rules" / name).read_text("utf-8")) for name in RULES]
    document = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "saring"},
        "spec": {"groups": [group for rules in read for group in rules["groups"]]},
    }
    return NOTE + str(yaml.dump(document, Dumper=_NoAnchors, sort_keys=False, allow_unicode=True, width=200))


class _NoAnchors(yaml.SafeDumper):
    """Writes shared values out: not every reader of manifests knows anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def main() -> None:
    """Write the files."""
    for path, text in generated().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
