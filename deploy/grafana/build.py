"""The dashboards as Grafana reads them; `python -m deploy.generate` writes the files."""

from __future__ import annotations

from collections.abc import Sequence

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, Dashboard, DashboardLink, DatasourceVariable
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DashboardLinkType, GridPos

from deploy.grafana import delivery, detection, overview
from deploy.grafana.panels import SOURCE, Panel

WIDTH = 24

# Marked on every panel: what changed is the first question after what is wrong.
EVENTS = (
    ("Unplanned exits", "red", 'sum by (code) (increase(saring_process_exits_total{code!="OK"}[1m])) > 0'),
    (
        "New versions", "blue",
        "count by (version) (saring_build_info) unless count by (version) (saring_build_info offset 2m)",
    ),
    (
        "New list snapshots", "green",
        "count by (snapshot) (saring_lists_snapshot_info == 1)"
        " unless count by (snapshot) (saring_lists_snapshot_info offset 2m == 1)",
    ),
    ("Brakes", "orange", "sum by (control) (saring_brakes) > 0"),
)  # fmt: skip


def dashboards() -> dict[str, str]:
    """The files by name."""
    built = {
        "overview": _dashboard("overview", "Saring · Overview", overview.panels()),
        "detection": _dashboard("detection", "Saring · Detection", detection.panels()),
        "delivery": _dashboard("delivery", "Saring · Delivery", delivery.panels()),
    }
    encode = JSONEncoder(sort_keys=True, indent=1, ensure_ascii=False).encode
    return {f"{name}.json": encode(board.build()) + "\n" for name, board in built.items()}


def _dashboard(name: str, title: str, panels: Sequence[tuple[Panel, int, int]]) -> Dashboard:
    board = Dashboard(title).uid(f"saring-{name}").tags(["saring"]).readonly().timezone("browser")
    board.time("now-6h", "now").refresh("30s").tooltip(DashboardCursorSync.CROSSHAIR)
    board.with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
    board.link(DashboardLink("Saring").type(DashboardLinkType.DASHBOARDS).tags(["saring"]).keep_time(True))
    for event, colour, expr in EVENTS:
        board.annotation(_events(event, colour, expr))
    x = y = 0
    for number, (panel, width, height) in enumerate(panels, 1):
        board.with_panel(panel.id(number).grid_pos(GridPos(x=x, y=y, w=width, h=height)))
        x += width
        if x >= WIDTH:
            x, y = 0, y + height
    return board


def _events(name: str, colour: str, expr: str) -> AnnotationQuery:
    return AnnotationQuery().name(name).icon_color(colour).datasource(SOURCE).enable(True).expr(expr)
