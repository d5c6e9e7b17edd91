"""What every panel has: a question as its title, a description that says what to do, a unit, the chosen data source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from grafana_foundation_sdk.builders import common, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueTextMode,
    GraphDrawStyle,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    ScaleDistribution,
    TooltipDisplayMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
Panel: TypeAlias = timeseries.Panel | stat.Panel | table.Panel
Query: TypeAlias = tuple[str, str]  # PromQL, legend


def graph(title: str, text: str, unit: str, *queries: Query) -> timeseries.Panel:
    """Lines over time."""
    legend = common.VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)
    panel = timeseries.Panel().title(title).description(text).unit(unit).datasource(SOURCE).min(0)
    panel.legend(legend.show_legend(True)).fill_opacity(8).line_width(1)
    panel.tooltip(_tooltip())
    for target in _targets(queries, instant=False):
        panel.with_target(target)
    return panel


def _tooltip() -> common.VizTooltipOptions:
    return common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)


def big(title: str, text: str, unit: str, *queries: Query) -> stat.Panel:
    """A few large figures, read from three metres."""
    panel = stat.Panel().title(title).description(text).unit(unit).datasource(SOURCE)
    panel.color_mode(BigValueColorMode.BACKGROUND).text_mode(BigValueTextMode.VALUE_AND_NAME).no_value("–")
    panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    for target in _targets(queries, instant=True):
        panel.with_target(target)
    return panel


def rows(title: str, text: str, unit: str, *queries: Query) -> table.Panel:
    """A table: the queries' results joined by their labels, each legend the name of its column."""
    panel = table.Panel().title(title).description(text).unit(unit).datasource(SOURCE).no_value("none")
    for target in _targets(queries, instant=True):
        panel.with_target(target.format(PromQueryFormat.TABLE))
    names = {f"Value #{_ref(place)}": name for place, (_, name) in enumerate(queries)}
    hidden = {"Time": True}
    panel.with_transformation(DataTransformerConfig(id_val="merge", options={}))
    return panel.with_transformation(
        DataTransformerConfig(id_val="organize", options={"excludeByName": hidden, "renameByName": names})
    )


def _ref(place: int) -> str:
    return chr(ord("A") + place)


def _targets(queries: Sequence[Query], instant: bool) -> list[prometheus.Dataquery]:
    made = []
    for place, (expr, legend) in enumerate(queries):
        target = prometheus.Dataquery().expr(expr).legend_format(legend).ref_id(_ref(place)).datasource(SOURCE)
        made.append(target.instant() if instant else target.range())
    return made


def steps(*values: tuple[float | None, str]) -> ThresholdsConfig:
    """Colours from values upward; the first value is None."""
    found = [Threshold(value=value, color=colour) for value, colour in values]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def line_at(panel: timeseries.Panel, value: float) -> timeseries.Panel:
    """The panel with a red line at the value."""
    style = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.LINE)
    return panel.thresholds(steps((None, "transparent"), (value, "red"))).thresholds_style(style)


def logarithmic(panel: timeseries.Panel) -> timeseries.Panel:
    """The panel on a log scale, where rare things can be seen beside common ones."""
    scale = common.ScaleDistributionConfig().type(ScaleDistribution.LOG).log(10)
    return panel.scale_distribution(scale).min(0.001)


def bars(panel: timeseries.Panel) -> timeseries.Panel:
    """The panel with bars, for things that happen now and then."""
    return panel.draw_style(GraphDrawStyle.BARS).fill_opacity(60)


def but(**properties: object) -> list[DynamicConfigValue]:
    """Other properties for one field; underscores in their names stand for dots, as in custom.width."""
    return [DynamicConfigValue(id_val=key.replace("_", "."), value=value) for key, value in properties.items()]


def colours(*values: tuple[float | None, str]) -> dict[str, object]:
    """Thresholds as a field of its own takes them."""
    return {"mode": "absolute", "steps": [{"value": value, "color": colour} for value, colour in values]}
